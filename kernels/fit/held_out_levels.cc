#include "kernels/fit/held_out_levels.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/data/compute_levels.h"
#include "kernels/data/select_rows.h"
#include "kernels/descent/refine.h"
#include "kernels/fit/folds.h"
#include "kernels/fit/task_options.h"
#include "kernels/law/domain.h"
#include "kernels/search/starts.h"

namespace ctxfit {
namespace {

constexpr std::size_t kMaxBasins = 4;  // from which folds descend

// Sums over the rows that become one averaged row.
struct Bin {
  double weight = 0;
  double score = 0;
  double log_prompt = 0;
};

// Averages rows over bins of prompt length, evenly spaced in its logarithm, within each model level and on each side of
// its limit.
Observations AverageByLevel(const Observations& observations) {
  const double least = std::log(observations.covariates.front().prompt);
  const double range = std::log(observations.covariates.back().prompt) - least;
  std::map<std::tuple<double, double, bool, int>, Bin> bins;  // by compute, limit, side, bin
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    const Covariates& each = observations.covariates[k];
    const double log_prompt = std::log(each.prompt);
    const int bin = range > 0 ? static_cast<int>(kLevelBins * (log_prompt - least) / range) : 0;
    Bin& sums = bins[{each.compute, each.limit, each.within_limit(), bin}];
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      const double weight = observations.WeightOf(row);
      sums.weight += weight;
      sums.score += weight * observations.score[row];
      sums.log_prompt += weight * log_prompt;
    }
  }
  using Row = std::tuple<double, double, double, double, double>;  // prompt, compute, limit, score, weight
  std::vector<Row> rows;
  for (const auto& [key, sums] : bins) {
    rows.emplace_back(std::exp(sums.log_prompt / sums.weight), std::get<0>(key), std::get<1>(key),
                      sums.score / sums.weight, sums.weight);
  }
  std::sort(rows.begin(), rows.end());
  Observations averaged;
  averaged.task = observations.task;
  for (const auto& [prompt, compute, limit, score, weight] : rows) {
    const Covariates covariates = {compute, prompt, limit};
    if (averaged.covariates.empty() || !(averaged.covariates.back() == covariates)) {
      averaged.covariates.push_back(covariates);
      averaged.row_begin.push_back(averaged.score.size());
    }
    averaged.score.push_back(score);
    averaged.weight.push_back(weight);
  }
  averaged.row_begin.push_back(averaged.score.size());
  averaged.levels = FindComputeLevels(averaged.covariates);
  averaged.unit.resize(averaged.score.size());
  std::iota(averaged.unit.begin(), averaged.unit.end(), 0);
  averaged.unit_count = static_cast<std::int32_t>(averaged.unit.size());
  return averaged;
}

// Points from which the law of a fold descends: the optimum of the fit, its other basins, and the faces on which a
// factor no longer depends on its variable, where the optimum of a fold may lie though that of the fit does not.
std::vector<Point> StartsOf(const TaskFit& fit, const Domain& domain) {
  std::vector<Point> starts = {fit.law.point};
  for (const Basin& basin : fit.refinement.basins) {
    if (starts.size() == kMaxBasins) break;
    starts.push_back(basin.point);
  }
  const std::vector<Point> flat = FlatStarts(domain, fit.law.point);
  starts.insert(starts.end(), flat.begin(), flat.end());
  return starts;
}

// The law of `fit` refitted to the rows of a fold.
absl::StatusOr<Law> Refit(const Observations& rows, const FitOptions& options, const TaskFit& fit,
                          const HostCompute& host, const StopSignal& stop) {
  const Domain domain = MakeDomain(options);
  Law law = fit.law;
  if (domain.free_count() == 0) return law;
  const Cells cells =
      Collapse(rows, fit.law.references, options.penalty, Units::kMerge, LawFormFor(domain, options.loss));
  CTXFIT_ASSIGN_OR_RETURN(const Refinement refinement, Refine(cells, domain, StartsOf(fit, domain), host, stop));
  law.point = refinement.point;
  return law;
}

// Predictions of one fold.
struct PredictedFold {
  Observations held_out;
  Predicted predicted;
};

absl::StatusOr<PredictedFold> PredictFold(const Observations& rows, const Fold& fold, const FitOptions& options,
                                          const TaskFit& fit, const HostCompute& host, const StopSignal& stop) {
  const Observations fitted = Select(rows, fold.fitted);
  CTXFIT_ASSIGN_OR_RETURN(const Law law, Refit(fitted, options, fit, host, stop));
  PredictedFold result = {Select(rows, fold.held_out), {}};
  result.predicted = PredictRows(result.held_out, {law, FitBaselines(fitted, law)});
  return result;
}

HeldOutLevels Summarize(const std::vector<PredictedFold>& folds, int level_count) {
  HeldOutLevels levels;
  levels.level_count = level_count;
  levels.fold_count = static_cast<int>(folds.size());
  PredictorErrorSums sums;
  std::vector<FoldErrors> by_fold;
  for (const auto& [held_out, predicted] : folds) {
    if (const std::optional<FoldErrors> each = FoldErrorsOf(sums.Add(held_out, predicted))) by_fold.push_back(*each);
  }
  for (const PredictorErrors& errors : sums.Summarize()) {
    levels.errors.push_back(errors.means);
    levels.logits.push_back(errors.logit);
  }
  levels.verdict = Judge(by_fold);
  return levels;
}

absl::StatusOr<HeldOutLevels> HoldOutLevels(Backend& backend, const Observations& rows, int level_count,
                                            const FitOptions& options, const TaskFit& fit, const StopSignal& stop) {
  std::vector<Fold> folds = MakeFolds(rows, FoldScheme::kLevel, {}, options.context_factor);
  std::erase_if(folds, [](const Fold& fold) { return !fold.reason.empty(); });
  std::vector<absl::StatusOr<PredictedFold>> predicted(folds.size());
  const VectorKernels& kernels = backend.Host().kernels;
  CTXFIT_RETURN_IF_ERROR(backend.Threads().ParallelFor(folds.size(), stop, [&](std::size_t i, int) {
    ThreadPool caller_only(1);
    predicted[i] = PredictFold(rows, folds[i], options, fit, {kernels, caller_only}, stop);
  }));
  std::vector<PredictedFold> results;
  for (absl::StatusOr<PredictedFold>& each : predicted) {
    CTXFIT_RETURN_IF_ERROR(each.status());
    results.push_back(*std::move(each));
  }
  return Summarize(results, level_count);
}

std::string WhyNoneHeldOut(int level_count, std::size_t row_count) {
  if (level_count < kLeastVerdictFolds) return "there are fewer than three model levels";
  if (static_cast<std::size_t>(level_count) * row_count > kMaxLevelWork) {
    return absl::StrCat("it would take too long in a fit: hold out its ", level_count, " model levels by a backtest");
  }
  return "";
}

}  // namespace

absl::StatusOr<Contest> CompareWithBaselines(Backend& backend, const Observations& observations,
                                             const FitOptions& options, const TaskFit& fit, bool holds_out,
                                             const StopSignal& stop) {
  Contest contest;
  contest.baselines = FitBaselines(observations, fit.law);
  const std::vector<PredictorErrors> errors =
      PredictorErrorSums().Add(observations, PredictRows(observations, {fit.law, contest.baselines}));
  contest.in_sample.assign(errors.begin() + 1, errors.end());
  if (!holds_out) {
    contest.no_held_out_reason = "options.backtest is OFF";
    return contest;
  }
  const int level_count = static_cast<int>(ModelLevelsOf(observations).size());
  const bool averages = observations.size() > kMaxLevelRows;
  const Observations averaged = averages ? AverageByLevel(observations) : Observations();
  const Observations& rows = averages ? averaged : observations;
  contest.no_held_out_reason = WhyNoneHeldOut(level_count, rows.size());
  if (!contest.no_held_out_reason.empty()) return contest;
  CTXFIT_ASSIGN_OR_RETURN(contest.held_out,
                          HoldOutLevels(backend, rows, level_count, OptionsFor(options, observations), fit, stop));
  if (contest.held_out->errors.empty()) {
    contest.held_out.reset();
    contest.no_held_out_reason =
        "no model level can be held out: the others have one training compute or prompt length";
  }
  return contest;
}

}  // namespace ctxfit
