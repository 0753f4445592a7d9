#ifndef CTXFIT_KERNELS_RESAMPLE_BOOTSTRAP_OPTIONS_H_
#define CTXFIT_KERNELS_RESAMPLE_BOOTSTRAP_OPTIONS_H_

#include "absl/status/status.h"
#include "kernels/law/resampling.h"

namespace ctxfit {

// Bootstrap replicates and the intervals made of them.
struct BootstrapOptions {
  int replicates = 1000;     // 0, or in [20, 100000]
  double confidence = 0.95;  // (0, 1)
  Resampling resampling = Resampling::kAuto;
  WeightKind weights = WeightKind::kExponential;
  // Number of replicates, the first ones, that get a global search of their own instead of a refinement from the point
  // estimate; in [0, replicates].
  int global_replicates = 0;
  IntervalKind interval = IntervalKind::kPercentile;
  bool omit_replicates = false;  // true if an answer leaves them out; a fit has them all the same
};

// Returns INVALID_ARGUMENT naming field, value and rule, such as `options.bootstrap.confidence = 1.5: must be in (0,
// 1)`, unless every option is valid.
absl::Status ValidateBootstrap(const BootstrapOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_RESAMPLE_BOOTSTRAP_OPTIONS_H_
