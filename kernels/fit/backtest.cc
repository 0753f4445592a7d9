#include "kernels/fit/backtest.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/select_rows.h"
#include "kernels/fit/prediction_source.h"
#include "kernels/predict/mean_band.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {
namespace {

// The rows of a fold.
struct FoldRows {
  Observations fitted;
  Observations held_out;
};

// Weights by prompt length of the rows behind each octave mean.
std::vector<LevelRows> RowsBehind(const Observations& rows, const OctaveMeans& means) {
  std::vector<LevelRows> behind;
  for (const OctaveMean& mean : means.means) behind.push_back({mean.compute, mean.limit, mean.weight, {}});
  for (std::size_t k = 0; k < rows.covariates.size(); ++k) {
    behind[means.mean_of[k]].weight_by_prompt[rows.covariates[k].prompt] += means.weight[k];
  }
  return behind;
}

absl::Status AddBands(const Observations& held_out, const OctaveMeans& means, const PredictionSource& source,
                      double confidence, const StopSignal& stop, FoldResult& result) {
  if (source.replicates.empty()) return absl::OkStatus();
  BandCoverage coverage;
  const std::vector<LevelRows> behind = RowsBehind(held_out, means);
  for (std::size_t i = 0; i < behind.size(); ++i) {
    HeldOutMean& mean = result.means[i];
    CTXFIT_ASSIGN_OR_RETURN(mean.band, BandOfMean(source, behind[i], confidence, stop));
    coverage.Add(mean.band, mean.observed.score);
  }
  result.coverage = coverage;
  return absl::OkStatus();
}

// Predicts the rows that a fold holds out.
absl::Status Evaluate(const FoldRows& rows, const TaskFit& fit, double confidence, const StopSignal& stop,
                      FoldResult& result, Predicted& predicted) {
  result.law = fit.law;
  result.converged = fit.refinement.converged;
  result.baselines = FitBaselines(rows.fitted, fit.law);
  predicted = PredictRows(rows.held_out, {fit.law, result.baselines});
  const FittedRange range(rows.fitted);
  for (std::size_t i = 0; i < predicted.means.means.size(); ++i) {
    HeldOutMean& mean = result.means.emplace_back();
    mean.observed = predicted.means.means[i];
    mean.distance = range.DistanceOf(mean.observed.compute, mean.observed.prompt);
    for (const MeanPredictions& of_means : predicted.of_means) mean.predicted.push_back(of_means.scores[i]);
  }
  return AddBands(rows.held_out, predicted.means, PredictionSourceOf(fit), confidence, stop, result);
}

// Bins of the distance from the fitted range: within it, and up to 2, 4, 16 times beyond, and farther.
std::vector<DistanceBin> NewBins() {
  std::vector<DistanceBin> bins;
  double lower = 0;
  for (const double upper :
       {0.0, std::log(2.0), std::log(4.0), std::log(16.0), std::numeric_limits<double>::infinity()}) {
    bins.push_back({{lower, upper}, {}});
    lower = upper;
  }
  return bins;
}

// Sums errors over the folds of a task.
class Totals {
 public:
  // Adds a fold, and sets its own errors.
  void Add(const Observations& held_out, const Predicted& predicted, FoldResult& result) {
    result.errors = sums_.Add(held_out, predicted);
    for (const HeldOutMean& mean : result.means) AddToBin(mean);
  }

  void Summarize(TaskBacktest& backtest) const {
    backtest.errors = sums_.Summarize();
    backtest.bins = NewBins();
    for (std::size_t bin = 0; bin < backtest.bins.size(); ++bin) {
      const auto sums = bins_.find(bin);
      if (sums == bins_.end()) continue;
      for (const ErrorSum& sum : sums->second) backtest.bins[bin].errors.push_back(sum.Summarize());
    }
  }

 private:
  void AddToBin(const HeldOutMean& mean) {
    static const std::vector<DistanceBin> kBins = NewBins();
    std::size_t bin = 0;
    while (mean.distance.both() > kBins[bin].distance.upper) ++bin;
    std::vector<ErrorSum>& sums = bins_[bin];
    sums.resize(std::max(sums.size(), mean.predicted.size()));
    for (std::size_t i = 0; i < mean.predicted.size(); ++i) {
      sums[i].Add(mean.observed.score - mean.predicted[i], mean.observed.weight);
    }
  }

  PredictorErrorSums sums_;
  std::map<std::size_t, std::vector<ErrorSum>> bins_;  // by predictor
};

void AddCoverage(const FoldResult& result, std::optional<BandCoverage>& total) {
  if (!result.coverage) return;
  if (!total) total.emplace();
  total->group_count += result.coverage->group_count;
  total->inside_count += result.coverage->inside_count;
  total->undetermined_count += result.coverage->undetermined_count;
}

std::vector<FoldErrors> ErrorsByFold(const TaskBacktest& backtest) {
  std::vector<FoldErrors> errors;
  for (const FoldResult& fold : backtest.folds) {
    if (const std::optional<FoldErrors> each = FoldErrorsOf(fold.errors)) errors.push_back(*each);
  }
  return errors;
}

absl::Status CheckGroups(absl::Span<const Observations> tasks, FoldScheme scheme) {
  if (scheme != FoldScheme::kGroup) return absl::OkStatus();
  for (const Observations& task : tasks) {
    if (!task.group.empty()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("group: task \"", task.task, "\" has no groups: must have one per row"));
  }
  return absl::OkStatus();
}

// The folds of all tasks, and those of them that can be fitted, in one sequence.
struct Batch {
  std::vector<TaskBacktest> backtests;
  std::vector<Observations> fitted;
  std::vector<Observations> held_out;
};

Batch MakeBatch(absl::Span<const Observations> tasks, const BacktestOptions& options) {
  const bool uses_prompts = options.fit.context_factor;
  Batch batch;
  for (const Observations& task : tasks) {
    TaskBacktest& backtest = batch.backtests.emplace_back();
    backtest.task = task.task;
    for (Fold& fold : MakeFolds(task, options.scheme, options.cuts, uses_prompts)) {
      if (fold.reason.empty()) {
        batch.fitted.push_back(Select(task, fold.fitted));
        batch.held_out.push_back(Select(task, fold.held_out));
        ++backtest.fitted_count;
      }
      backtest.folds.emplace_back().fold = std::move(fold);
    }
  }
  return batch;
}

}  // namespace

absl::StatusOr<std::vector<TaskBacktest>> BacktestTasks(Backend& backend, absl::Span<const Observations> tasks,
                                                        const BacktestOptions& options, const StopSignal& stop,
                                                        const FitObserver& observer, const TraceSink& trace) {
  CTXFIT_RETURN_IF_ERROR(CheckGroups(tasks, options.scheme));
  return CatchExceptions([&]() -> absl::StatusOr<std::vector<TaskBacktest>> {
    Batch batch = MakeBatch(tasks, options);
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<TaskFit> fits,
                            FitTasks(backend, batch.fitted, options.fit, stop, observer, trace));
    std::size_t next = 0;
    for (TaskBacktest& backtest : batch.backtests) {
      Totals totals;
      for (FoldResult& result : backtest.folds) {
        if (!result.fold.reason.empty()) continue;
        const FoldRows rows = {std::move(batch.fitted[next]), std::move(batch.held_out[next])};
        Predicted predicted;
        CTXFIT_RETURN_IF_ERROR(Evaluate(rows, fits[next], options.fit.bootstrap.confidence, stop, result, predicted));
        totals.Add(rows.held_out, predicted, result);
        AddCoverage(result, backtest.coverage);
        ++next;
      }
      totals.Summarize(backtest);
      if (IsPartition(options.scheme)) backtest.verdict = Judge(ErrorsByFold(backtest));
    }
    return std::move(batch.backtests);
  });
}

}  // namespace ctxfit
