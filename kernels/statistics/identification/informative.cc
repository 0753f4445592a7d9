#include "kernels/statistics/identification/informative.h"

#include <algorithm>
#include <cstddef>

#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law.h"

namespace ctxfit {
namespace {

// The share of the highest expected score, both above the floor, up to which a row informs nothing.
constexpr double kHopeless = 1e-3;
// The distance of a share from 1 up to which a row informs neither factor.
constexpr double kUninformativeGap = 4e-5;

// The total weight of a combination of covariates.
double WeightOf(const Observations& observations, std::size_t combination) {
  double weight = 0;
  for (std::size_t row = observations.row_begin[combination]; row < observations.row_begin[combination + 1]; ++row) {
    weight += observations.WeightOf(row);
  }
  return weight;
}

}  // namespace

std::vector<bool> FindInformative(const std::vector<double>& expected, const Law& law, const Domain& domain) {
  if (domain.free[kFloor]) return std::vector<bool>(expected.size(), true);
  const double floor = law.point.at[kFloor];
  const double highest = expected.empty() ? floor : *std::max_element(expected.begin(), expected.end());
  const double hopeless = floor + kHopeless * (highest - floor);
  std::vector<bool> informative;
  for (const double score : expected) informative.push_back(score > hopeless);
  return informative;
}

std::vector<bool> FindBetweenAsymptotes(const Observations& observations, const std::vector<double>& expected,
                                        const Law& law, const Domain& domain, Loss loss) {
  const int free_asymptotes = domain.free[kFloor] + domain.free[kHeadroom];
  if (expected.empty() || domain.free_count() == free_asymptotes) return std::vector<bool>(expected.size(), true);
  const double floor = law.point.at[kFloor];
  const double span = SpanOf(law.point);
  const double highest = *std::max_element(expected.begin(), expected.end()) - floor;
  const bool is_deviance = TraitsOf(loss).is_deviance;
  std::vector<bool> between;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    const double above = expected[k] - floor;
    const bool rises = above > kHopeless * highest && above < (1 - kUninformativeGap) * span;
    between.push_back(rises || (is_deviance && WeightOf(observations, k) * std::min(above, span - above) >= 1));
  }
  return between;
}

}  // namespace ctxfit
