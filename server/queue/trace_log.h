#ifndef CTXFIT_SERVER_QUEUE_TRACE_LOG_H_
#define CTXFIT_SERVER_QUEUE_TRACE_LOG_H_

#include <memory>

#include "kernels/fit/trace_sink.h"

namespace spdlog {
class logger;
}

namespace ctxfit {

// The logger of a service inside another program: every level, as key=value pairs on standard error, if the environment
// variable CTXFIT_TRACE is 1; otherwise one that drops all lines.
std::shared_ptr<spdlog::logger> MakeInProcessLogger();

// Logs the lines of a fit's trace at the level `trace`, with the names of tasks only if `log_labels`. Empty if
// `logger`, which must outlive it, drops that level.
TraceSink MakeTraceSink(spdlog::logger& logger, bool log_labels);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_TRACE_LOG_H_
