#ifndef CTXFIT_KERNELS_FIT_HELD_OUT_LEVELS_H_
#define CTXFIT_KERNELS_FIT_HELD_OUT_LEVELS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/held_out_errors.h"
#include "kernels/fit/options.h"
#include "kernels/fit/verdict.h"

namespace ctxfit {

// Prompt lengths per model level to which the rows of a larger task are averaged before levels are held out.
inline constexpr int kLevelBins = 64;

// Tasks with more rows than this are averaged; those with fewer are held out row by row.
inline constexpr std::size_t kMaxLevelRows = 1024;

// The greatest number of model levels times averaged rows at which levels are held out by default: folds then take
// about a third of the time of a fit with the default options, or less (tests/bench/BACKTEST.md).
inline constexpr std::size_t kMaxLevelWork = 50'000;

// Errors on model levels that were held out in turn; see ctxfit.v1.HeldOutLevels.
struct HeldOutLevels {
  std::vector<ErrorSummary> errors;                 // by predictor, the law first: on octave means
  std::vector<std::optional<ErrorSummary>> logits;  // by predictor: on their logits
  int level_count = 0;
  int fold_count = 0;  // levels that could be held out
  std::optional<Verdict> verdict;
};

// A fit beside baselines.
struct Contest {
  std::vector<Baseline> baselines;
  std::vector<PredictorErrors> in_sample;  // by baseline
  std::optional<HeldOutLevels> held_out;
  std::string no_held_out_reason;  // why there are none; "" where there are
};

// Fits the baselines of `fit`, which was fitted to `observations` with `options`, and if `holds_out` is true, predicts
// each model level by law and baselines fitted to the others, where there are at least three levels and the work is
// within kMaxLevelWork.
//
// The law of a fold descends from the optimum of the fit, from its other basins and from the faces of the domain on
// which a factor is flat, instead of a search of its own (tests/bench/BACKTEST.md compares the two). Rows of a large
// task are averaged over kLevelBins prompt lengths per level first. Backtest makes full fits to the rows themselves.
//
// Errors: those of `stop`.
absl::StatusOr<Contest> CompareWithBaselines(Backend& backend, const Observations& observations,
                                             const FitOptions& options, const TaskFit& fit, bool holds_out,
                                             const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_HELD_OUT_LEVELS_H_
