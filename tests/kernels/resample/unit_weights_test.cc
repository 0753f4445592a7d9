#include "kernels/resample/unit_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "kernels/resample/replicate_weights.h"

namespace ctxfit {
namespace {

constexpr std::uint64_t kSeed = 7;

std::vector<double> Draw(WeightKind kind, std::int32_t count, const std::vector<std::int32_t>& strata,
                         std::uint32_t replicate) {
  std::vector<double> weights(count);
  EXPECT_TRUE(DrawUnitWeights({kSeed, kind}, Purpose::kReplicateWeight, count, strata,
                              {{&replicate, 1}, 1, weights.data()}, StopSignal()));
  return weights;
}

TEST(UnitWeightsTest, WithoutStrataWeightsAreReplicateWeights) {
  const std::vector<double> weights = Draw(WeightKind::kExponential, 10, {}, 3);
  for (std::uint32_t unit = 0; unit < 10; ++unit) EXPECT_EQ(weights[unit], ReplicateWeight(7, 3, unit));
}

TEST(UnitWeightsTest, ALaneHasTheWeightsOfItsReplicateAlone) {
  constexpr std::uint32_t kReplicates[] = {5, 6, 9, 0};
  std::vector<double> table(10 * 4);
  ASSERT_TRUE(DrawUnitWeights({kSeed, WeightKind::kPoisson}, Purpose::kReplicateWeight, 10, {},
                              {kReplicates, 4, table.data()}, StopSignal()));
  for (std::uint32_t lane = 0; lane < 4; ++lane) {
    const std::vector<double> expected = Draw(WeightKind::kPoisson, 10, {}, kReplicates[lane]);
    for (int unit = 0; unit < 10; ++unit) EXPECT_EQ(table[unit * 4 + lane], expected[unit]);
  }
}

TEST(UnitWeightsTest, WeightsOfAStratumSumToItsNumberOfUnits) {
  const std::vector<std::int32_t> strata = {0, 3, 4, 11};
  for (const WeightKind kind : {WeightKind::kExponential, WeightKind::kMultinomial}) {
    for (std::uint32_t replicate = 0; replicate < 20; ++replicate) {
      const std::vector<double> weights = Draw(kind, 11, strata, replicate);
      for (std::size_t s = 0; s + 1 < strata.size(); ++s) {
        const double sum = std::accumulate(weights.begin() + strata[s], weights.begin() + strata[s + 1], 0.0);
        EXPECT_NEAR(sum, strata[s + 1] - strata[s], 1e-13);
      }
      EXPECT_DOUBLE_EQ(weights[3], 1);
    }
  }
}

TEST(UnitWeightsTest, AStopSignalEndsTheDrawing) {
  StopSignal stop;
  stop.Cancel();
  constexpr std::uint32_t kFirst = 0;
  std::vector<double> weights(10);
  EXPECT_FALSE(DrawUnitWeights({kSeed, WeightKind::kExponential}, Purpose::kReplicateWeight, 10, {},
                               {{&kFirst, 1}, 1, weights.data()}, stop));
}

}  // namespace
}  // namespace ctxfit
