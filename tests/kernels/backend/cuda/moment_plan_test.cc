#include "kernels/backend/cuda/moment_plan.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <utility>
#include <vector>

namespace ctxfit {
namespace {

MomentsView Sizes(std::int32_t nodes, std::int32_t computes, std::int32_t places, std::int32_t units) {
  MomentsView view{};
  view.node_count = nodes;
  view.compute_count = computes;
  view.place_count = places;
  view.unit_count = units;
  return view;
}

// Tables begin at multiples of 16 bytes, lie within the memory that the plan counts, and do not overlap.
void ExpectSound(const MomentsView& sizes, const MomentPlan& plan) {
  const std::vector<std::pair<TableSpot, std::int64_t>> tables = {{plan.context, std::int64_t{2} * sizes.node_count},
                                                                  {plan.compute, std::int64_t{2} * sizes.compute_count},
                                                                  {plan.sums, std::int64_t{2} * sizes.place_count},
                                                                  {plan.weights, std::int64_t{sizes.unit_count}}};
  std::int64_t taken[2] = {0, 0};
  for (const auto& [spot, size] : tables) {
    EXPECT_EQ(spot.begin % 2, 0);
    EXPECT_GE(spot.begin, taken[spot.shared]);
    taken[spot.shared] = spot.begin + size;
  }
  EXPECT_LE(taken[true], plan.shared_size);
  EXPECT_LE(taken[false], plan.scratch_size);
  EXPECT_LE(plan.shared_size * static_cast<std::int64_t>(sizeof(double)), kMomentSharedBytes);
  EXPECT_EQ(plan.scratch_size % 2, 0);
}

TEST(MomentPlanTest, TablesOfOrdinarySizesLieInSharedMemory) {
  const MomentsView sizes = Sizes(132, 12, 1584, 262);
  const MomentPlan plan = PlanMoments(sizes, 200);
  ExpectSound(sizes, plan);
  EXPECT_EQ(plan.scratch_size, 0);
  EXPECT_TRUE(plan.context.shared && plan.compute.shared && plan.sums.shared && plan.weights.shared);
}

TEST(MomentPlanTest, TablesThatOutgrowSharedMemoryLieInScratch) {
  const MomentsView many_units = Sizes(132, 12, 1584, 100001);
  ExpectSound(many_units, PlanMoments(many_units, 200));
  EXPECT_TRUE(PlanMoments(many_units, 200).sums.shared);
  EXPECT_FALSE(PlanMoments(many_units, 200).weights.shared);
  EXPECT_EQ(PlanMoments(many_units, 200).scratch_size, 100002);
  const MomentsView many_places = Sizes(132, 12, 5000, 262);
  ExpectSound(many_places, PlanMoments(many_places, 200));
  EXPECT_FALSE(PlanMoments(many_places, 200).sums.shared);
  EXPECT_TRUE(PlanMoments(many_places, 200).weights.shared);
  const MomentsView many_of_all = Sizes(6001, 7001, 5000000, 10001);
  ExpectSound(many_of_all, PlanMoments(many_of_all, 200));
  EXPECT_EQ(PlanMoments(many_of_all, 200).shared_size, 0);
}

TEST(MomentPlanTest, SharedMemoryIsUsedToTheLastByte) {
  const std::int32_t fit = kMomentSharedBytes / sizeof(double) - 2 * (12 + 12 + 100);
  for (const std::int32_t units : {fit - 1, fit, fit + 1}) {
    const MomentsView sizes = Sizes(12, 12, 100, units);
    ExpectSound(sizes, PlanMoments(sizes, 200));
    EXPECT_EQ(PlanMoments(sizes, 200).weights.shared, units <= fit);
  }
}

TEST(MomentPlanTest, ALaunchTakesAFewStepsOfLargeProblemsAndAsManyAsAreNeededOfSmallOnes) {
  EXPECT_EQ(PlanMoments(Sizes(132, 12, 1584, 262), 200).max_steps, 32);
  EXPECT_EQ(PlanMoments(Sizes(132, 12, 1584, 262), 5).max_steps, 5);
  EXPECT_EQ(PlanMoments(Sizes(132, 12, 1584, 262), 0).max_steps, 1);
  EXPECT_EQ(PlanMoments(Sizes(300, 10000, 3600000, 262), 200).max_steps, 1);
  for (const std::int32_t places : {1, 1000, 10000, 100000}) {
    EXPECT_LE(PlanMoments(Sizes(12, 1, places, 2), 200).work, 1 << 19) << places << " places";
  }
}

TEST(MomentPlanTest, MomentsOfMoreThan64MebibytesAreTooManyForABlock) {
  Moments moments;
  moments.moments.resize(std::size_t{64} * 1024 * 1024 / sizeof(double));
  EXPECT_TRUE(SuitBlocks(moments));
  moments.moments.push_back(0);
  EXPECT_FALSE(SuitBlocks(moments));
}

}  // namespace
}  // namespace ctxfit
