#ifndef CTXFIT_KERNELS_FIT_TRACE_SINK_H_
#define CTXFIT_KERNELS_FIT_TRACE_SINK_H_

#include <functional>
#include <string>

namespace ctxfit {

// Takes the lines of a fit's trace (fit_trace.h). Called from several threads at once where tasks are fitted
// concurrently. Empty: there is no trace.
using TraceSink = std::function<void(const std::string& line)>;

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_TRACE_SINK_H_
