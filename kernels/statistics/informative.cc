#include "kernels/statistics/informative.h"

#include <algorithm>

#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {
namespace {

constexpr double kHopeless = 1e-3;   // share of the highest expected score, both above the floor, that tells nothing
constexpr double kSaturated = 4e-5;  // distance of a share from 1 that tells nothing

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

std::vector<bool> FindBetweenAsymptotes(const std::vector<double>& expected, const Law& law, const Domain& domain) {
  const int free_asymptotes = domain.free[kFloor] + domain.free[kHeadroom];
  if (expected.empty() || domain.free_count() == free_asymptotes) return std::vector<bool>(expected.size(), true);
  const double floor = law.point.at[kFloor];
  const double span = 1 - law.point.at[kHeadroom] - floor;
  const double highest = *std::max_element(expected.begin(), expected.end()) - floor;
  std::vector<bool> between;
  for (const double score : expected) {
    between.push_back(score - floor > kHopeless * highest && score - floor < (1 - kSaturated) * span);
  }
  return between;
}

}  // namespace ctxfit
