#include "kernels/search/candidates.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "kernels/base/philox.h"

namespace ctxfit {
namespace {

// Converts a member to a point of the domain, which rounding to single precision may have left by half a unit in the
// last place.
Point ToPoint(const BasicPoint<float>& member, const Domain& domain) {
  Point point;
  for (int i = 0; i < kCoordinateCount; ++i) {
    point.at[i] = std::clamp(static_cast<double>(member.at[i]), domain.lower.at[i], domain.upper.at[i]);
  }
  return point;
}

// The largest distance of two points in any free coordinate, as a share of its range.
double Distance(const Point& a, const Point& b, const Domain& domain) {
  double distance = 0;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!domain.free[i]) continue;
    const double range = domain.upper.at[i] - domain.lower.at[i];
    distance = std::max(distance, std::abs(a.at[i] - b.at[i]) / range);
  }
  return distance;
}

}  // namespace

std::vector<BasicPoint<float>> LatinHypercube(const Domain& domain, int count, std::uint64_t seed) {
  std::vector<BasicPoint<float>> members(count);
  std::vector<RandomWords> words(count);
  std::vector<int> order(count);
  for (int i = 0; i < kCoordinateCount; ++i) {
    const double range = domain.upper.at[i] - domain.lower.at[i];
    for (int member = 0; member < count; ++member) words[member] = Draw(seed, Purpose::kInitialPopulation, i, member);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return words[a].word[0] < words[b].word[0]; });
    for (int stratum = 0; stratum < count; ++stratum) {
      const int member = order[stratum];
      const double share = (stratum + Uniform(words[member].word[1])) / count;
      members[member].at[i] = static_cast<float>(domain.lower.at[i] + range * share);
    }
  }
  return members;
}

std::vector<Point> BestDistinct(const Population& population, const Domain& domain, int count) {
  std::vector<std::size_t> order(population.members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return population.costs[a] < population.costs[b]; });
  std::vector<Point> chosen;
  for (const double apart : {0.01, 0.0}) {
    for (const std::size_t member : order) {
      if (static_cast<int>(chosen.size()) >= count) return chosen;
      const Point point = ToPoint(population.members[member], domain);
      const bool distinct = std::all_of(chosen.begin(), chosen.end(),
                                        [&](const Point& other) { return Distance(point, other, domain) > apart; });
      if (distinct) chosen.push_back(point);
    }
  }
  return chosen;
}

}  // namespace ctxfit
