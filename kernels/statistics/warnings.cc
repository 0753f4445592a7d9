#include "kernels/statistics/warnings.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "kernels/data/compute_levels.h"
#include "kernels/data/observations.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/refine.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"
#include "kernels/statistics/goodness.h"
#include "kernels/statistics/identification/active_bounds.h"
#include "kernels/statistics/identification/diagnostics.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/misfit/misfit.h"
#include "kernels/statistics/misfit/misfit_warnings.h"
#include "kernels/statistics/plausibility.h"

namespace ctxfit {
namespace {

constexpr double kHighFactor = 0.9;      // a context factor above this has little left to rise
constexpr double kUnimpaired = 0.99;     // a penalty at the limit that leaves scores as they are
constexpr double kTraded = 0.95;         // |correlation| above which two coefficients trade their level
constexpr double kFarBeyond = 0.1;       // mean error beyond the limit that may be large
constexpr double kTimesWithin = 4;       // ratio to the mean error within the limit from which it is large
constexpr std::size_t kRivalsShown = 3;  // basins that a warning lists

// True if the fitted context factor is the same at every length.
bool IsContextFlat(const PointEstimate& estimate) {
  const std::vector<ParameterBound>& bounds = estimate.diagnostics.active_bounds;
  return std::any_of(bounds.begin(), bounds.end(), [](const ParameterBound& bound) {
    return (bound.coordinate == kContextExponent && bound.value == 0) ||
           (bound.coordinate == kLogContextCoefficient && !bound.is_lower);
  });
}

void WarnOfComputeLevels(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  if (!IsFitted(estimate.diagnostics, kComputeExponent)) return;
  if (estimate.compute_count == 1) {
    warnings.push_back(
        "one compute level only: the compute exponent is not identified; predictions at another compute mean nothing. "
        "Add models of other training compute");
  } else if (estimate.compute_count == 2) {
    warnings.push_back(
        "two compute levels only, those within 1 % of each other counting as one: two numbers are fitted to two, so "
        "the shape of the compute factor is untested. Add models of a third training compute before extrapolating");
  }
}

// True if a prompt longer than `longest`, by 1 % or more, would be within the limit of at least half of the model
// levels.
bool HasRoomForLongerPrompts(const Observations& observations, double longest) {
  std::set<std::pair<double, double>> levels;
  for (const Covariates& covariates : observations.covariates) levels.emplace(covariates.compute, covariates.limit);
  const auto roomy = std::count_if(levels.begin(), levels.end(), [&](const std::pair<double, double>& level) {
    return level.second > longest && !CountAsOne(std::log(level.second), std::log(longest));
  });
  return 2 * static_cast<std::size_t>(roomy) >= levels.size();
}

// Warns if the context factor is far from 1 at the longest prompt within its limit.
void WarnOfUnsaturatedContext(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  double longest = 0;
  for (const Covariates& covariates : estimate.observations.covariates) {
    if (covariates.within_limit()) longest = std::max(longest, covariates.prompt);
  }
  if (longest == 0 || !IsFitted(estimate.diagnostics, kLogContextCoefficient)) return;
  if (IsContextFlat(estimate)) return;  // longer prompts would not saturate it
  const Point& point = estimate.law.point;
  const double factor = ContextFactor(point, std::log(longest / estimate.law.references.prompt_tokens));
  if (factor >= kHighFactor) return;
  warnings.push_back(absl::StrFormat(
      "the context factor does not saturate in range (%.2f at the longest prompt within its limit, %.0f tokens): its "
      "level trades against the compute factor's. %s",
      factor, longest,
      HasRoomForLongerPrompts(estimate.observations, longest)
          ? "Add longer prompts"
          : "No longer prompt is within the context limit of most models"));
}

// A correlation that does not read as exactly 1 where it is not.
std::string CorrelationText(double correlation) {
  const double distance = 1 - std::abs(correlation);
  if (distance >= 0.0005) return absl::StrFormat("by %.3f", correlation);
  if (distance >= 0.00005) return absl::StrFormat("nearly perfectly (%.4f)", correlation);
  return absl::StrFormat("nearly perfectly (%s1, to within %.0e)", correlation < 0 ? "-" : "",
                         std::max(distance, 1e-15));
}

void WarnOfTradedLevel(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  const std::vector<Coordinate>& coordinates = estimate.diagnostics.coordinates;
  const auto a = std::find(coordinates.begin(), coordinates.end(), kLogComputeCoefficient) - coordinates.begin();
  const auto b = std::find(coordinates.begin(), coordinates.end(), kLogContextCoefficient) - coordinates.begin();
  const auto count = static_cast<std::ptrdiff_t>(coordinates.size());
  if (estimate.diagnostics.correlation.empty() || a == count || b == count) return;
  const double correlation = estimate.diagnostics.correlation[a * count + b];
  if (std::abs(correlation) < kTraded) return;
  warnings.push_back(absl::StrFormat(
      "level is traded between the factors: compute_coefficient and context_coefficient correlate %s. Read "
      "predictions, not the coefficients",
      CorrelationText(correlation)));
}

// The penalty's factor at the limit of the record that comes nearest to its own.
double PenaltyAtLimit(const PointEstimate& estimate) {
  const std::vector<Covariates>& covariates = estimate.observations.covariates;
  const auto nearest = std::max_element(covariates.begin(), covariates.end(), [](const auto& a, const auto& b) {
    return a.prompt / a.limit < b.prompt / b.limit;
  });
  return PenaltyFactor(MakeExcess(estimate.law.penalty, nearest->limit, nearest->limit), estimate.law.point);
}

void WarnOfPenalty(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  if (estimate.law.penalty.form == Penalty::Form::kNone) return;
  const bool observed =
      IsFitted(estimate.diagnostics, kLogPenaltyOnset) && estimate.diagnostics.identified[kLogPenaltyOnset];
  if (!estimate.goodness.mae_beyond_limit && !observed) {
    const double at_limit = PenaltyAtLimit(estimate);
    warnings.push_back(
        at_limit > kUnimpaired
            ? "no record lies beyond its context limit: the penalty is an assumption, not an observation"
            : absl::StrFormat(
                  "no record lies beyond its context limit: the penalty there, which takes %.0f %% off scores at the "
                  "limit, is extrapolated, not observed. Add records at the limit and beyond it",
                  100 * (1 - at_limit)));
  }
  if (!estimate.goodness.mae_within_limit) {
    warnings.push_back(
        "every record lies beyond its context limit: scores show the factors through the penalty alone. Check "
        "context_limit_tokens, or fit without the penalty");
  }
}

// True if there are more combinations of covariates than two parameters beside the fitted ones.
bool CanFitPenalty(const PointEstimate& estimate) {
  constexpr std::size_t kOfPenalty = 2;
  return estimate.observations.covariates.size() > estimate.diagnostics.coordinates.size() + kOfPenalty;
}

// Warns of records beyond their limit that the law misses by far, where too few units lie there for a test to tell.
void WarnOfErrorsBeyondLimit(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  const std::optional<double>& within = estimate.goodness.mae_within_limit;
  const std::optional<double>& beyond = estimate.goodness.mae_beyond_limit;
  if (!within || !beyond) return;
  if (estimate.misfit.Has(MisfitKind::kAtLimit) || estimate.misfit.Has(MisfitKind::kBeyondLimit)) return;
  if (*beyond < kFarBeyond || *beyond < kTimesWithin * *within) return;
  const char* advice = "add records at the limit and beyond it";
  if (IsPenaltyFitted(estimate.diagnostics)) {
    advice = "a logistic may not be the shape of their decline";
  } else if (CanFitPenalty(estimate)) {
    advice = "fit the penalty's onset and width";
  }
  warnings.push_back(absl::StrFormat(
      "beyond the context limit the law misses scores by %.3f on average, within it by %.3f, and too few %ss lie there "
      "to test it: %s",
      *beyond, *within, estimate.observations.unit_noun(), advice));
}

// Warns of model levels with a single unit, which stratified resampling leaves as they are.
void WarnOfLoneUnits(const Observations& observations, std::vector<std::string>& warnings) {
  const std::vector<std::int32_t>& begin = observations.stratum_begin;
  int lone = 0;
  for (std::size_t s = 0; s + 1 < begin.size(); ++s) lone += begin[s + 1] - begin[s] == 1;
  if (lone == 0) return;
  warnings.push_back(
      absl::StrFormat("%d of %d model levels have one %s only: resampling within levels sees no spread there", lone,
                      begin.size() - 1, observations.unit_noun()));
}

void WarnOfResampling(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  const Observations& observations = estimate.observations;
  WarnOfLoneUnits(observations, warnings);
  const double effective = estimate.units.count;
  if (effective >= kFewUnits || !estimate.no_spread_reason.empty()) return;
  const char* noun = observations.unit_noun();
  std::string units = absl::StrCat(observations.unit_count, " ", noun, observations.unit_count == 1 ? "" : "s");
  if (estimate.informative_unit_count < observations.unit_count) {
    absl::StrAppendFormat(&units, ", of which %d have scores between floor and ceiling",
                          estimate.informative_unit_count);
  }
  constexpr double kAsGoodAsEqual = 0.95;
  if (effective < kAsGoodAsEqual * estimate.informative_unit_count) {
    absl::StrAppendFormat(&units, ", effectively %.1f", effective);
  }
  warnings.push_back(
      effective < kCountableUnits && observations.unit_2_count == 0
          ? absl::StrFormat(
                "%s: with fewer than %.0f, intervals are widened for so few, and cover rather too often than "
                "too rarely unless %ss differ by rare, large effects. More %ss would narrow them",
                units, kCountableUnits, noun, noun)
          : absl::StrFormat("%s: with fewer than %d, intervals are widened for so few, and may be too narrow if %ss "
                            "differ by rare, large effects",
                            units, kFewUnits, noun));
}

void WarnOfSearch(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  if (!estimate.refinement.converged) {
    warnings.push_back(absl::StrCat("the refinement did not converge: ", estimate.refinement.termination_message));
  }
}

// The fitted parameters at a point, by name.
std::string ParametersAt(const PointEstimate& estimate, const Point& point) {
  std::vector<std::string> parts;
  for (const Coordinate coordinate : estimate.diagnostics.coordinates) {
    const Penalty& scale = estimate.law.penalty;
    parts.push_back(absl::StrFormat("%s %.3g", ParameterName(coordinate, scale.form),
                                    ToParameter(coordinate, point.at[coordinate], scale)));
  }
  return absl::StrJoin(parts, ", ");
}

void WarnOfBasins(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  std::vector<std::string> rivals;
  for (const Basin& basin : estimate.refinement.basins) {
    if (&basin == &estimate.refinement.basins.front() || basin.deviance > kNearlyTheSame) continue;
    const std::string cost = basin.deviance < kAgreement
                                 ? "fits equally well"
                                 : absl::StrFormat("costs %.2g deviance units more", basin.deviance);
    rivals.push_back(absl::StrCat(ParametersAt(estimate, basin.point), " ", cost));
    if (rivals.size() == kRivalsShown) break;
  }
  if (rivals.empty()) return;
  warnings.push_back(absl::StrCat("several basins fit these data nearly as well: beside the best one, ",
                                  absl::StrJoin(rivals, "; "), ". Fix a parameter that you know, or add data"));
}

// True for an exponent whose variable has one observed level, of which nothing can be said.
bool HasOneLevel(Coordinate exponent, const Observations& observations) {
  const std::vector<double>& computes = observations.levels.compute;
  const std::vector<Covariates>& covariates = observations.covariates;  // ordered by prompt length
  const auto is_one = [](double least, double greatest) { return CountAsOne(std::log(least), std::log(greatest)); };
  if (exponent == kComputeExponent) return is_one(computes.front(), computes.back());
  return exponent == kContextExponent && is_one(covariates.front().prompt, covariates.back().prompt);
}

// Warns of parameters on a bound. Where the data are flat along one, its bound cuts nothing off, and the data say
// nothing about lying there.
void WarnOfBounds(const PointEstimate& estimate, std::vector<std::string>& warnings) {
  const Penalty& scale = estimate.law.penalty;
  for (const ParameterBound& bound : estimate.diagnostics.active_bounds) {
    if (HasOneLevel(bound.coordinate, estimate.observations)) continue;
    warnings.push_back(absl::StrCat(Describe(bound, scale), ": ", AdviceOn(bound)));
  }
}

std::vector<std::string> FindMisfits(const PointEstimate& estimate) {
  return DescribeMisfit(estimate.misfit,
                        {estimate.goodness.r_squared, estimate.law.penalty.form, IsPenaltyFitted(estimate.diagnostics),
                         IsContextFlat(estimate), !estimate.goodness.mae_within_limit, CanFitPenalty(estimate)});
}

}  // namespace

Warnings FindWarnings(const PointEstimate& estimate) {
  Warnings found = {FindImplausibleInput(estimate.observations, estimate.loss), ""};
  std::vector<std::string>& texts = found.texts;
  if (!estimate.goodness.r_squared) texts.push_back("all scores are equal: there is nothing for the law to explain");
  WarnOfComputeLevels(estimate, texts);
  const std::vector<std::string> misfits = FindMisfits(estimate);
  if (!misfits.empty()) found.misfit = misfits.front();
  texts.insert(texts.end(), misfits.begin(), misfits.end());
  WarnOfErrorsBeyondLimit(estimate, texts);
  WarnOfUnsaturatedContext(estimate, texts);
  WarnOfTradedLevel(estimate, texts);
  WarnOfPenalty(estimate, texts);
  WarnOfResampling(estimate, texts);
  WarnOfSearch(estimate, texts);
  WarnOfBasins(estimate, texts);
  WarnOfBounds(estimate, texts);
  return found;
}

}  // namespace ctxfit
