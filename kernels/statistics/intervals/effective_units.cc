#include "kernels/statistics/intervals/effective_units.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "kernels/data/observations.h"
#include "kernels/statistics/numerics/distributions.h"

namespace ctxfit {
namespace {

// The fewest replicates beyond an end of an interval that locate it.
constexpr double kMinReplicatesBeyond = 5;

constexpr double kSmallestTail = std::numeric_limits<double>::min();

InformativeUnits InformativeUnitsOf(const Observations& observations, const std::vector<bool>& informative,
                                    const std::vector<std::int32_t>& unit, std::int32_t count) {
  std::vector<double> weights(count);
  for (std::size_t k = 0; k < informative.size(); ++k) {
    if (!informative[k]) continue;
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      weights[unit[row]] += observations.WeightOf(row);
    }
  }
  return {count - static_cast<std::int32_t>(std::count(weights.begin(), weights.end(), 0.0)), KishNumber(weights)};
}

}  // namespace

double KishNumber(const std::vector<double>& weights) {
  // In units of the largest weight neither sum overflows, and that of squares is at least 1.
  const double largest = weights.empty() ? 0 : *std::max_element(weights.begin(), weights.end());
  if (largest == 0) return 0;
  double sum = 0;
  double squares = 0;
  for (const double weight : weights) {
    const double share = weight / largest;
    sum += share;
    squares += share * share;
  }
  return sum * sum / squares;
}

double CountFitted(std::int64_t fitted, bool has_two_keys) {
  return has_two_keys ? 1 : static_cast<double>(std::max<std::int64_t>(1, fitted));
}

std::vector<InformativeUnits> FindInformativeUnits(const Observations& observations,
                                                   const std::vector<bool>& informative) {
  std::vector<InformativeUnits> units = {
      InformativeUnitsOf(observations, informative, observations.unit, observations.unit_count)};
  if (observations.unit_2_count > 0) {
    units.push_back(InformativeUnitsOf(observations, informative, observations.unit_2, observations.unit_2_count));
  }
  return units;
}

EffectiveUnits FindEffectiveUnits(const Observations& observations, const std::vector<InformativeUnits>& informative,
                                  std::int64_t fitted) {
  if (informative.size() == 2) {
    return {std::min(informative[0].effective, informative[1].effective), CountFitted(fitted, true)};
  }
  double kept = 1;  // share of the units that strata leave
  if (!observations.stratum_begin.empty()) {
    const auto strata = static_cast<double>(observations.stratum_begin.size() - 1);
    kept = 1 - (strata - 1) / observations.unit_count;
  }
  return {kept * informative[0].effective, CountFitted(fitted, false)};
}

Expansion ExpansionOf(const EffectiveUnits& units) {
  const double count = std::max(units.count, units.fitted + 2);
  return {count - units.fitted, count / (count - units.fitted)};
}

double HeightUnder(const Expansion& expansion, double height) {
  // A height at which the normal tail underflows would have an infinite t.
  const double tail = std::max(NormalProbability(-height), kSmallestTail);
  return StudentUpperQuantile(tail, expansion.freedom) * std::sqrt(expansion.inflation);
}

double ExpandedHeight(double height, const EffectiveUnits& units) {
  return units.count < 1 ? height : HeightUnder(ExpansionOf(units), height);
}

Expansion Combine(const Expansion& a, double share, const Expansion& b) {
  const double rest = 1 - share;
  return {1 / (share * share / a.freedom + rest * rest / b.freedom), share * a.inflation + rest * b.inflation};
}

EffectiveUnits UnitsOfDifference(const EffectiveUnits& a, double variance_a, const EffectiveUnits& b,
                                 double variance_b) {
  const Expansion both = Combine(ExpansionOf(a), variance_a / (variance_a + variance_b), ExpansionOf(b));
  return {both.inflation * both.freedom, (both.inflation - 1) * both.freedom};
}

std::optional<EffectiveUnits> WeakerUnits(const EffectiveUnits& fit, double determining) {
  const EffectiveUnits behind_one = {determining, 1};
  constexpr double kHeight = 2;
  if (!(ExpandedHeight(kHeight, behind_one) > ExpandedHeight(kHeight, fit))) return std::nullopt;
  return behind_one;
}

double ExpandedShare(double share, const EffectiveUnits& units, std::size_t replicates) {
  if (units.count < 1) return share;
  const double least = 0.5 / static_cast<double>(replicates);
  const Expansion expansion = ExpansionOf(units);
  const double height = NormalQuantile(std::clamp(share, least, 1 - least));
  // The square of Student's t follows the F distribution.
  const double tail = FTailProbability(height * height / expansion.inflation, 1, expansion.freedom) / 2;
  return height < 0 ? tail : 1 - tail;
}

IntervalTail ExpandedTail(double confidence, const EffectiveUnits& units, std::size_t replicates) {
  const double nominal = (1 - confidence) / 2;
  if (units.count < 1) return {nominal};
  const double height = ExpandedHeight(-NormalQuantile(nominal), units);
  const double located = std::min(nominal, kMinReplicatesBeyond / static_cast<double>(replicates));
  const double located_height = -NormalQuantile(located);
  if (height <= located_height) return {NormalProbability(-height)};
  return {located, height / located_height};
}

}  // namespace ctxfit
