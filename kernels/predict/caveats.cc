#include "kernels/predict/caveats.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/law/range.h"
#include "kernels/predict/predictions.h"
#include "kernels/predict/solve.h"

namespace ctxfit {
namespace {

std::int64_t CountTrue(const std::vector<bool>& values) { return std::count(values.begin(), values.end(), true); }

std::string PenaltyCaveat(const PredictionSource& source, const ExtrapolationCounts& counts, absl::string_view answers,
                          absl::string_view interval) {
  const Range& shares = source.observed.limit_share;
  std::string text = absl::StrFormat(
      "%d of %d %s lie at shares of the context limit at which there is no record (outside %.3g to %.3g): the %s of "
      "the penalty's width and onset decides there, not data",
      counts.penalty_extrapolated, counts.all, answers, shares.lower, shares.upper,
      source.fits_penalty ? "fit" : "choice");
  if (counts.withheld_by_penalty > 0) {
    absl::StrAppendFormat(&text, ", and %d have no %s", counts.withheld_by_penalty, interval);
  }
  return text;
}

}  // namespace

ExtrapolationCounts CountExtrapolations(const PredictionSource& source, const PredictionPoints& points,
                                        const Predictions& predictions) {
  ExtrapolationCounts counts = {static_cast<std::int64_t>(predictions.score.size()),
                                CountTrue(predictions.extrapolated), CountTrue(predictions.penalty_extrapolated),
                                CountTrue(predictions.withheld_by_drift), CountTrue(predictions.withheld_by_penalty)};
  for (std::size_t i = 0; i < points.size(); ++i) {
    counts.interpolated +=
        predictions.determined[i] && (IsInterpolated(source, Variable::kCompute, points.compute[i]) ||
                                      IsInterpolated(source, Variable::kPrompt, points.prompt[i]));
  }
  return counts;
}

ExtrapolationCounts CountExtrapolations(const std::vector<Solution>& solutions) {
  ExtrapolationCounts counts;
  for (const Solution& solution : solutions) {
    ++counts.all;
    counts.extrapolated += solution.outcome == SolveOutcome::kReached && solution.extrapolated;
    counts.interpolated += solution.interpolated;
    counts.penalty_extrapolated += solution.penalty_extrapolated;
    counts.withheld_by_drift += solution.withheld_by_drift;
    counts.withheld_by_penalty += solution.withheld_by_penalty;
  }
  return counts;
}

std::vector<std::string> ExtrapolationCaveats(const PredictionSource& source, const ExtrapolationCounts& counts,
                                              absl::string_view answers, absl::string_view interval) {
  std::vector<std::string> caveats;
  if (counts.extrapolated > 0) {
    caveats.push_back(
        absl::StrFormat("%d of %d %s lie outside the observed computes, prompt lengths or shares of the context limit: "
                        "they rest on the form of the law",
                        counts.extrapolated, counts.all, answers));
  }
  if (counts.interpolated > 0) {
    caveats.push_back(absl::StrFormat(
        "%d of %d %s lie between the ends of the observed computes or prompt lengths, along which the data do not "
        "determine the law: at a level that was not observed, the %s may be far too narrow",
        counts.interpolated, counts.all, answers, interval));
  }
  if (counts.penalty_extrapolated > 0) caveats.push_back(PenaltyCaveat(source, counts, answers, interval));
  if (counts.withheld_by_drift > 0) {
    caveats.push_back(absl::StrFormat(
        "%d of %d %s have no %s: the context exponent drifts with compute (p = %.2g), and they rest on computes "
        "or prompt lengths that were not observed, where the law may be wrong by more than its replicates show",
        counts.withheld_by_drift, counts.all, answers, interval, source.drift_p_value.value_or(0)));
  }
  if (counts.extrapolated > 0 && source.fits_exponent && !source.drift_p_value && !source.replicates.empty()) {
    caveats.push_back(absl::StrFormat(
        "a drift of the context exponent with compute cannot be tested, because units or computes are too few: "
        "the %s of what is extrapolated assumes that there is none",
        interval));
  }
  return caveats;
}

}  // namespace ctxfit
