#include "kernels/fit/curve_comparison.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/fit/group_fit.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals.h"

namespace ctxfit {
namespace {

constexpr std::size_t kMaxPoints = 64;

double Square(double value) { return value * value; }

// Combinations of covariates at which both groups determine the score without extrapolating, evenly among all.
std::vector<Covariates> PointsOf(const std::array<GroupFit, 2>& groups, const Observations& both) {
  std::vector<Covariates> all;
  for (const Covariates& at : both.covariates) {
    const auto is_known = [&at](const GroupFit& group) {
      return IsObserved(group.common.observed.compute_flops, at.compute) &&
             IsObserved(group.common.observed.prompt_tokens, at.prompt) &&
             IsDetermined(group.common, at.compute, at.prompt, at.limit);
    };
    if (std::all_of(groups.begin(), groups.end(), is_known)) all.push_back(at);
  }
  if (all.size() <= kMaxPoints) return all;
  std::vector<Covariates> chosen;
  for (std::size_t i = 0; i < kMaxPoints; ++i) chosen.push_back(all[i * (all.size() - 1) / (kMaxPoints - 1)]);
  return chosen;
}

}  // namespace

EffectiveUnits UnitsOfGroups(const std::array<GroupFit, 2>& groups, bool share_units, double first, double second) {
  const EffectiveUnits& a = groups[0].fit.bootstrap.units;
  const EffectiveUnits& b = groups[1].fit.bootstrap.units;
  if (share_units || !(first + second > 0)) return a.count - a.fitted < b.count - b.fitted ? a : b;
  return UnitsOfDifference(a, first, b, second);
}

CurveTest TestCurves(const std::array<GroupFit, 2>& groups, const Observations& both, bool share_units) {
  const std::size_t replicates = groups[0].common.replicates.size();
  std::vector<double> max_t(replicates);
  double largest_t = 0;
  double largest_height = 0;
  CurveTest test;
  for (const Covariates& at : PointsOf(groups, both)) {
    const LawAt score(groups[0].common.law, at.compute, at.prompt, at.limit);
    std::array<std::vector<double>, 2> scores;
    for (int g = 0; g < 2; ++g) {
      for (const Point& replicate : groups[g].common.replicates) scores[g].push_back(score(replicate));
    }
    std::vector<double> differences;
    for (std::size_t b = 0; b < replicates; ++b) differences.push_back(scores[1][b] - scores[0][b]);
    const double deviation = StandardDeviation(differences);
    // Scores that spread by rounding alone tell nothing.
    if (!(deviation > 1e-12)) continue;
    ++test.point_count;
    const double difference = score(groups[1].common.law.point) - score(groups[0].common.law.point);
    const EffectiveUnits units =
        UnitsOfGroups(groups, share_units, Square(StandardDeviation(scores[0])), Square(StandardDeviation(scores[1])));
    const double t = std::abs(difference) / deviation;
    largest_t = std::max(largest_t, t);
    largest_height = std::max(largest_height, ContractedHeight(t, units));
    for (std::size_t b = 0; b < replicates; ++b) {
      max_t[b] = std::max(max_t[b], std::abs(differences[b] - difference) / deviation);
    }
  }
  if (test.point_count == 0) {
    test.reason = "no observed covariates at which both groups determine the score and their replicates differ";
    return test;
  }
  const auto reaching = std::count_if(max_t.begin(), max_t.end(), [&](double t) { return t >= largest_height; });
  test.statistic = largest_t;
  test.p_value = static_cast<double>(1 + reaching) / static_cast<double>(1 + replicates);
  return test;
}

}  // namespace ctxfit
