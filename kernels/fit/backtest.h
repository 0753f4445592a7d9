#ifndef CTXFIT_KERNELS_FIT_BACKTEST_H_
#define CTXFIT_KERNELS_FIT_BACKTEST_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/folds.h"
#include "kernels/fit/held_out_errors.h"
#include "kernels/fit/options.h"
#include "kernels/fit/verdict.h"
#include "kernels/law/range.h"
#include "kernels/predict/evaluate.h"

namespace ctxfit {

// Replicates per fold by default.
inline constexpr int kBacktestReplicates = 200;

// Options of a backtest.
struct BacktestOptions {
  FitOptions fit;  // of every fold, the bootstrap included
  FoldScheme scheme = FoldScheme::kLevel;
  std::vector<double> cuts;  // of a frontier, ascending; empty for the default of MakeFolds()
};

// An octave mean that was held out, with its predictions.
struct HeldOutMean {
  OctaveMean observed;
  RangeDistance distance;         // of its compute and mean prompt length from the fitted range
  std::vector<double> predicted;  // by predictor: the law, then the baselines in their order
  std::optional<Range> band;      // of the expected mean; unset without replicates, undetermined or withheld
};

// A fold, fitted and evaluated.
struct FoldResult {
  Fold fold;  // its reason: "" if it was fitted
  // All that follows is empty unless it was fitted.
  std::optional<Law> law;
  bool converged = false;
  std::vector<Baseline> baselines;
  std::vector<PredictorErrors> errors;   // by predictor, the law first
  std::optional<BandCoverage> coverage;  // unset without replicates
  std::vector<HeldOutMean> means;
};

// Errors by predictor on octave means whose distance from the fitted range, RangeDistance::both(), lies in
// (lower, upper]; the first bin, at 0, are means within the range.
struct DistanceBin {
  Range distance;
  std::vector<ErrorSummary> errors;  // empty if there are none
};

// The backtest of one task; see ctxfit.v1.Backtest.
struct TaskBacktest {
  std::string task;
  std::vector<FoldResult> folds;
  int fitted_count = 0;                 // folds that were fitted
  std::vector<PredictorErrors> errors;  // over all fitted folds; empty if there are none
  std::optional<BandCoverage> coverage;
  std::vector<DistanceBin> bins;
  std::optional<Verdict> verdict;  // of folds that hold out each row once
};

// Fits every fold of every task, as FitTasks() fits tasks of one batch, and predicts the rows that it holds out by the
// law and by the baselines fitted to the same rows. The fit of a fold has the bits of a fit to its rows alone.
// Folds share the options, so that chosen reference scales, bounds and asymptotes hold in all.
//
// Errors: INVALID_ARGUMENT if a task lacks groups for kGroup, and those of FitTasks().
absl::StatusOr<std::vector<TaskBacktest>> BacktestTasks(Backend& backend, absl::Span<const Observations> tasks,
                                                        const BacktestOptions& options, const StopSignal& stop,
                                                        const FitObserver& observer, const TraceSink& trace = {});

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_BACKTEST_H_
