#include "kernels/statistics/intervals/tail_interval.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "kernels/base/aligned_vector.h"
#include "kernels/law/range.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/statistics/intervals/intervals.h"
#include "tests/kernels/vector_variants.h"

namespace ctxfit {
namespace {

// A row of values, with room for its padding.
AlignedVector<double> RowOf(const std::vector<double>& values) {
  AlignedVector<double> row(RowSize(values.size()), 1e300);
  std::copy(values.begin(), values.end(), row.begin());
  return row;
}

// Each case runs with every instruction set of this machine.
class TailIntervalTest : public testing::TestWithParam<VectorVariant> {
 protected:
  Range Find(const std::vector<double>& values, const Range& probabilities) {
    const VectorKernels& kernels = *GetParam().kernels;
    AlignedVector<double> row = RowOf(values);
    const Spread spread = kernels.measure_spread(row.data(), values.size());
    TailBuffers buffers(values.size());
    return TailInterval(values.size(), probabilities).Find(kernels, row.data(), spread, buffers);
  }

  // Expects the bits of QuantileInterval() for quantiles in the tails, at the ends and in the middle.
  void ExpectSameAsAmongAll(const std::vector<double>& values) {
    for (const Range& probabilities : {Range{0.025, 0.975}, Range{0.0005, 0.9995}, Range{0, 1}, Range{0.2, 0.3},
                                       Range{0.45, 0.55}, Range{0.9, 0.9}, Range{0.001, 0.6}}) {
      const Range found = Find(values, probabilities);
      std::vector<double> all = values;
      const Range expected = QuantileInterval(all, probabilities);
      EXPECT_EQ(found.lower, expected.lower) << values.size() << " values, " << probabilities.lower;
      EXPECT_EQ(found.upper, expected.upper) << values.size() << " values, " << probabilities.upper;
    }
  }

  void ExpectSameOf(const std::function<double(double normal)>& value) {
    std::mt19937 random(11);
    std::normal_distribution<double> normal;
    for (const int count : {1, 2, 3, 7, 8, 40, 100, 999, 1000, 1001, 5000}) {
      std::vector<double> values;
      for (int i = 0; i < count; ++i) values.push_back(value(normal(random)));
      ExpectSameAsAmongAll(values);
    }
  }
};

TEST_P(TailIntervalTest, NormalValuesHaveTheQuantilesOfAFullSelection) {
  ExpectSameOf([](double normal) { return 0.5 + 0.01 * normal; });
}

TEST_P(TailIntervalTest, StretchedIntervalsAreThoseOfAFullSelection) {
  std::mt19937 random(12);
  std::normal_distribution<double> normal;
  for (const int count : {1, 2, 8, 101, 1000}) {
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(std::exp(normal(random)));
    AlignedVector<double> row = RowOf(values);
    const VectorKernels& kernels = *GetParam().kernels;
    TailBuffers buffers(values.size());
    const Range found = TailInterval(values.size(), {0.025, 0.975}, 1.7)
                            .Find(kernels, row.data(), kernels.measure_spread(row.data(), values.size()), buffers);
    const Range expected = PercentileInterval(values, {0.025, 1.7});
    // 1 - 0.025 is 0.975 to a rounding, and so is the place of its quantile.
    EXPECT_DOUBLE_EQ(found.lower, expected.lower) << count;
    EXPECT_NEAR(found.upper, expected.upper, 1e-12) << count;
  }
}

TEST_P(TailIntervalTest, UniformValuesHaveTheQuantilesOfAFullSelection) {
  ExpectSameOf([](double normal) { return std::erf(normal / std::sqrt(2)); });
}

TEST_P(TailIntervalTest, SkewedValuesHaveTheQuantilesOfAFullSelection) {
  ExpectSameOf([](double normal) { return std::exp(normal); });
  ExpectSameOf([](double normal) { return -std::exp(0.5 * normal); });
}

// The outermost values lie so far out that thresholds leave only them.
TEST_P(TailIntervalTest, HeavyTailsHaveTheQuantilesOfAFullSelection) {
  ExpectSameOf([](double normal) { return std::pow(normal, 15); });
}

TEST_P(TailIntervalTest, TiesHaveTheQuantilesOfAFullSelection) {
  ExpectSameOf([](double normal) { return std::round(2 * normal); });
  ExpectSameOf([](double normal) { return normal < 0 ? 0 : 1; });
  ExpectSameOf([](double) { return 0.1; });
  ExpectSameOf([](double) { return 0; });
}

TEST_P(TailIntervalTest, SpreadLeavesOutThePadding) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal(0.7, 1e-3);
  for (const int count : {1, 2, 31, 32, 33, 1000}) {
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(normal(random));
    AlignedVector<double> row = RowOf(values);
    const Spread spread = GetParam().kernels->measure_spread(row.data(), values.size());
    double sum = 0;
    for (const double value : values) sum += value;
    EXPECT_NEAR(spread.mean, sum / count, 1e-15);
    if (count == 1) continue;
    const double deviation = StandardDeviation(values);
    EXPECT_NEAR(std::sqrt(spread.squares / (count - 1)), deviation, 1e-12 * deviation);
  }
}

TEST_P(TailIntervalTest, SelectionAmongFewFindsNeighboursOfTheSortedValues) {
  std::mt19937 random(2);
  for (const int count : {1, 2, 5, 8, 33, 96}) {
    std::vector<double> values;
    // A third as many distinct values as places: most are tied.
    for (int i = 0; i < count; ++i) values.push_back(0.1 * static_cast<double>(random() % (count / 3 + 1)));
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    AlignedVector<double> row = RowOf(values);
    for (std::size_t rank = 0; rank < values.size(); ++rank) {
      const Neighbours found = GetParam().kernels->select_among_few(row.data(), values.size(), rank);
      EXPECT_EQ(found.value, sorted[rank]);
      EXPECT_EQ(found.next, sorted[std::min(rank + 1, values.size() - 1)]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, TailIntervalTest, testing::ValuesIn(SupportedVariants()),
                         [](const auto& variant) { return variant.param.Name(); });

}  // namespace
}  // namespace ctxfit
