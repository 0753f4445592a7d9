#ifndef CTXFIT_KERNELS_FIT_ABLATION_H_
#define CTXFIT_KERNELS_FIT_ABLATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/baseline/baseline.h"
#include "kernels/data/observations.h"
#include "kernels/fit/options.h"
#include "kernels/fit/task_fit.h"
#include "kernels/predict/evaluate.h"
#include "kernels/statistics/goodness.h"

namespace ctxfit {

// A law without some of its parts.
enum class LawVariant { kFull, kNoPenalty, kNoContextFactor, kNeither };

// The options of the full law without the parts that `variant` lacks, and without a bootstrap.
FitOptions OptionsOfVariant(const FitOptions& full, LawVariant variant);

// Errors on records that were held out fold by fold; see ctxfit.v1.CrossValidation.
struct CrossValidation {
  ErrorSummary all;
  std::optional<ErrorSummary> within_limit;
  std::optional<ErrorSummary> beyond_limit;
  int unconverged_fold_count = 0;
};

// A variant of a task's law, fitted.
struct VariantFit {
  LawVariant variant;
  int fitted_count = 0;  // number of fitted parameters
  TaskFit fit;           // fit to all records, without replicates
  std::optional<CrossValidation> cross_validation;
};

// A baseline in the place of the full law, with the penalty and the asymptotes of that.
struct BaselineFit {
  Baseline baseline;  // fitted to all records
  Goodness goodness;  // without AIC and BIC, which are those of maximum likelihood
  std::optional<CrossValidation> cross_validation;
};

// The contribution of each part of the law on one task; see ctxfit.v1.Ablation.
struct TaskAblation {
  std::vector<VariantFit> variants;  // the full law first
  std::vector<BaselineFit> baselines;
  int fold_count = 0;
};

// The folds of a cross-validation by default, where there are as many resampling units.
inline constexpr int kDefaultFolds = 5;

// Options of an ablation.
struct AblationOptions {
  FitOptions fit;  // options of the full law; the bootstrap is not run
  // Folds of the cross-validation: 0 for none, otherwise in [2, resampling units of each task]. By default
  // kDefaultFolds, or the number of the task's units if that is less, and 0 if it is 1.
  std::optional<int> folds;
};

// Assigns each resampling unit a fold in [0, folds): the units, randomly permuted, are dealt out in turn, so that sizes
// differ by one at most. A function of the arguments alone; 1 <= folds <= unit_count.
std::vector<int> AssignFolds(std::uint64_t seed, std::int32_t unit_count, int folds);

// Fits every variant of the law, and every baseline, to each task, and predicts each fold of the resampling units by
// fits to the others. All share the folds. Variants without a part that the options leave out of the full law are
// skipped.
//
// Errors: INVALID_ARGUMENT for `folds`, as `folds = 9: must be 0 or in [2, 6], ...`, and those of FitTasks().
absl::StatusOr<std::vector<TaskAblation>> AblateTasks(Backend& backend, const std::vector<Observations>& tasks,
                                                      const AblationOptions& options, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_ABLATION_H_
