#include "kernels/cuda/work_plan.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace ctxfit {
namespace {

constexpr std::int32_t kCandidateCounts[] = {8, 9, 64, 1000, 4096, 65536};
constexpr std::int32_t kCellCounts[] = {1, 511, 512, 513, 65500, 786000, 100000000};

TEST(WorkPlanTest, SharesCoverARangeWithoutGapOrOverlap) {
  for (const std::int32_t count : {0, 1, 7, 1000, std::numeric_limits<std::int32_t>::max()}) {
    for (const std::int32_t parts : {1, 3, 64}) {
      std::int32_t next = 0;
      for (std::int32_t part = 0; part < parts; ++part) {
        const IndexRange share = ShareOf(count, part, parts);
        EXPECT_EQ(share.begin, next);
        EXPECT_LE(share.end - share.begin, std::int64_t{count} / parts + 1);
        next = share.end;
      }
      EXPECT_EQ(next, count);
    }
  }
}

TEST(WorkPlanTest, TilesCoverTheCells) {
  for (const std::int32_t cells : kCellCounts) {
    const std::int32_t tiles = CountTiles(cells, kObjectiveTileCells);
    EXPECT_EQ(TileCells(0, kObjectiveTileCells, cells).begin, 0);
    EXPECT_EQ(TileCells(tiles - 1, kObjectiveTileCells, cells).end, cells);
    EXPECT_LT(TileCells(tiles - 1, kObjectiveTileCells, cells).begin, cells);
  }
}

TEST(WorkPlanTest, TheLastTileOfTheLargestSizesDoesNotOverflow) {
  const std::int32_t cells = std::numeric_limits<std::int32_t>::max();
  const std::int32_t tiles = CountTiles(cells, kObjectiveTileCells);
  EXPECT_EQ(TileCells(tiles - 1, kObjectiveTileCells, cells).end, cells);
}

TEST(WorkPlanTest, SlicesHoldEveryCandidateOnce) {
  for (const std::int32_t candidates : kCandidateCounts) {
    for (const std::int32_t cells : kCellCounts) {
      const ObjectivePlan plan = PlanObjective(candidates, cells);
      const std::int32_t groups = CountTiles(candidates, kCandidatesPerBlock);
      EXPECT_GE(plan.slices * plan.blocks_per_slice, groups) << candidates << " x " << cells;
      EXPECT_LT((plan.slices - 1) * plan.blocks_per_slice, groups) << candidates << " x " << cells;
      EXPECT_GE(plan.splits, 1);
      EXPECT_LE(plan.splits, CountTiles(cells, kObjectiveTileCells));
    }
  }
}

TEST(WorkPlanTest, ASliceIsShortEnoughToCancelAfter) {
  for (const std::int32_t candidates : kCandidateCounts) {
    for (const std::int32_t cells : kCellCounts) {
      const ObjectivePlan plan = PlanObjective(candidates, cells);
      const std::int64_t group_work = std::int64_t{kCandidatesPerBlock} * cells;
      // A group of candidates is not divided among slices: that much may come on top.
      EXPECT_LE(plan.blocks_per_slice * group_work, (std::int64_t{1} << 31) + group_work);
    }
  }
}

TEST(WorkPlanTest, ASliceOfAnyPopulationFillsALargeDevice) {
  for (const std::int32_t candidates : kCandidateCounts) {
    for (const std::int32_t cells : {786000, 100000000}) {
      const ObjectivePlan plan = PlanObjective(candidates, cells);
      EXPECT_GE(plan.blocks_per_slice * plan.splits, 1024) << candidates << " x " << cells;
    }
  }
}

TEST(WorkPlanTest, TheHeadlineSizesAreSingleSlices) {
  EXPECT_EQ(PlanObjective(4096, 65500).slices, 1);
  EXPECT_EQ(PlanObjective(4096, 500000).slices, 1);
}

TEST(WorkPlanTest, FewReplicatesAreSplitAndManyAreNot) {
  EXPECT_EQ(SplitReplicates(1000, 65500), 2);
  EXPECT_EQ(SplitReplicates(2000, 65500), 1);
  EXPECT_EQ(SplitReplicates(20, 65500), 52);
  EXPECT_EQ(SplitReplicates(20, 100), 1);  // one tile
}

}  // namespace
}  // namespace ctxfit
