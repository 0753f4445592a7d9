#include "kernels/fit/options.h"

#include "kernels/base/status_macros.h"

namespace ctxfit {

FitOptions WithoutIntervals(const FitOptions& options) {
  FitOptions chosen = options;
  chosen.bootstrap.replicates = 0;
  chosen.bootstrap.global_replicates = 0;
  chosen.profile = false;
  return chosen;
}

absl::Status Validate(const FitOptions& options) {
  CTXFIT_RETURN_IF_ERROR(ValidateLaw(options));
  CTXFIT_RETURN_IF_ERROR(ValidateSearch(options.search));
  return ValidateBootstrap(options.bootstrap);
}

}  // namespace ctxfit
