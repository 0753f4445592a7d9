// Size and power of the tests of one law for two groups. tests/bench/comparison_study measures them on more pairs.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/fit/comparison.h"
#include "tests/kernels/two_groups.h"

namespace ctxfit {
namespace {

// The Kolmogorov-Smirnov distance between the distribution of p-values and the uniform one.
double DistanceFromUniform(std::vector<double> p_values) {
  std::sort(p_values.begin(), p_values.end());
  const auto count = static_cast<double>(p_values.size());
  double distance = 0;
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    const auto rank = static_cast<double>(i);
    distance = std::max({distance, p_values[i] - rank / count, (rank + 1) / count - p_values[i]});
  }
  return distance;
}

struct PValues {
  std::vector<double> wald;
  std::vector<double> f;
};

// The p-values of pairs of groups; see SimulatePair().
PValues CompareLaws(int count, int clusters, double rise, double cluster_error) {
  PValues values;
  ComparisonOptions options = FewReplicates();
  options.fit.penalty.form = Penalty::Form::kNone;
  for (int i = 0; i < count; ++i) {
    const Comparison comparison = CompareOne(SimulatePair(i, clusters, rise, cluster_error), options);
    EXPECT_EQ(comparison.shared_unit_count, 0);
    values.wald.push_back(comparison.wald.test->p_value);
    values.f.push_back(comparison.f.test->p_value);
  }
  return values;
}

// The distance of 40 uniform numbers from their distribution exceeds 1.95 / sqrt(40) once in a thousand times.
constexpr double kDistanceLimit = 0.308;

TEST(ComparisonPowerTest, PValuesOfOneLawInBothGroupsAreUniform) {
  const PValues values = CompareLaws(40, 40, 0, 0);
  EXPECT_LT(DistanceFromUniform(values.wald), kDistanceLimit);
  EXPECT_LT(DistanceFromUniform(values.f), kDistanceLimit);
}

TEST(ComparisonPowerTest, WaldTestAloneHoldsItsSizeWhereRowsOfAClusterShareAnError) {
  const PValues values = CompareLaws(40, 40, 0, 0.04);
  EXPECT_LT(DistanceFromUniform(values.wald), kDistanceLimit);
  EXPECT_GT(DistanceFromUniform(values.f), kDistanceLimit) << "records are not independent";
}

int CountBelow(const std::vector<double>& p_values, double level) {
  return static_cast<int>(std::count_if(p_values.begin(), p_values.end(), [level](double p) { return p < level; }));
}

TEST(ComparisonPowerTest, WaldTestHoldsItsSizeAndHasPowerWithFewClusters) {
  // Of 40 equal laws, 2 are rejected at 5 % on average, and more than 7 once in 700 times.
  EXPECT_LE(CountBelow(CompareLaws(40, 6, 0, 0.03).wald, 0.05), 7);
  EXPECT_GE(CountBelow(CompareLaws(40, 6, 0.2, 0.03).wald, 0.05), 30);
}

}  // namespace
}  // namespace ctxfit
