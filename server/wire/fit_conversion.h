#ifndef CTXFIT_SERVER_WIRE_FIT_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_FIT_CONVERSION_H_

#include <string>

#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "kernels/fit/fit_progress.h"
#include "kernels/fit/task_fit.h"

namespace ctxfit {

struct FitOptions;

// Provenance of a fit.
struct RunContext {
  const FitOptions& options;
  std::string backend;  // Backend::Name()
  std::string device;   // Backend::Device()
  std::string observations_digest;
};

v1::Goodness ToProto(const Goodness& goodness);

// Converts the fit of one task.
v1::Fit ToProto(const TaskFit& fit, const RunContext& context);

// Converts the progress of a running fit, without the time it has run.
v1::Progress ToProto(const FitProgress& progress);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_FIT_CONVERSION_H_
