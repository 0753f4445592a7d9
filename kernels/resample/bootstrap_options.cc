#include "kernels/resample/bootstrap_options.h"

#include "absl/strings/str_cat.h"
#include "kernels/law/option_error.h"

namespace ctxfit {

absl::Status ValidateBootstrap(const BootstrapOptions& options) {
  if (options.replicates != 0 && (options.replicates < 20 || options.replicates > 100000)) {
    return OptionError("bootstrap.replicates", options.replicates, "0 or in [20, 100000]");
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    return OptionError("bootstrap.confidence", options.confidence, "in (0, 1)");
  }
  if (options.global_replicates < 0 || options.global_replicates > options.replicates) {
    return OptionError("bootstrap.global_replicates", options.global_replicates,
                       absl::StrCat("in [0, ", options.replicates, "], the replicates"));
  }
  if (options.resampling == Resampling::kTwoWay && options.interval == IntervalKind::kBca) {
    return absl::InvalidArgumentError(
        "options.bootstrap.interval = BCA: must be PERCENTILE in two-way resampling, whose units have no influence of "
        "their own");
  }
  if (options.resampling == Resampling::kStratified && options.weights == WeightKind::kPoisson) {
    return absl::InvalidArgumentError(
        "options.bootstrap.weights = POISSON: must be EXPONENTIAL or MULTINOMIAL in stratified resampling, where each "
        "level keeps its share");
  }
  return absl::OkStatus();
}

}  // namespace ctxfit
