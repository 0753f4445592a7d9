#include "kernels/backend/cuda/work_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace ctxfit {
namespace {

constexpr std::int32_t kCandidateCounts[] = {8, 9, 64, 1000, 4096, 65536};
constexpr std::int32_t kModels = 12;
constexpr std::int32_t kCellCounts[] = {1, 255, 256, 257, 65500, 786000, 100000000};

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

TEST(WorkPlanTest, EveryPlaceLiesInItsRange) {
  const std::int32_t begin[] = {0, 1, 5, 6, 100};
  for (std::int32_t place = 0; place < 120; ++place) {
    const std::int32_t range = FindRange(begin, 5, place);
    EXPECT_LE(begin[range], place);
    EXPECT_TRUE(range == 4 || place < begin[range + 1]) << place;
  }
  EXPECT_EQ(FindRange(begin, 1, 7), 0);
}

TEST(WorkPlanTest, TilesCoverTheCells) {
  for (const std::int32_t cells : kCellCounts) {
    const std::int32_t tiles = CountTiles(cells, kReplicateTileCells);
    EXPECT_EQ(TileCells(0, kReplicateTileCells, cells).begin, 0);
    EXPECT_EQ(TileCells(tiles - 1, kReplicateTileCells, cells).end, cells);
    EXPECT_LT(TileCells(tiles - 1, kReplicateTileCells, cells).begin, cells);
  }
}

TEST(WorkPlanTest, TheLastTileOfTheLargestSizesDoesNotOverflow) {
  const std::int32_t cells = std::numeric_limits<std::int32_t>::max();
  const std::int32_t tiles = CountTiles(cells, kReplicateTileCells);
  EXPECT_EQ(TileCells(tiles - 1, kReplicateTileCells, cells).end, cells);
}

TEST(WorkPlanTest, EveryCandidateHasAGroupAndEveryBlockABatch) {
  for (const std::int32_t candidates : kCandidateCounts) {
    for (const std::int32_t cells : kCellCounts) {
      const ObjectivePlan plan = PlanObjective(candidates, cells, kModels);
      EXPECT_EQ(plan.groups, CountTiles(candidates, plan.group_size()));
      EXPECT_GE(plan.slices, 1);
      EXPECT_GE(plan.splits, 1);
      EXPECT_LE(std::int64_t{plan.slices} * plan.splits, CountTiles(cells, kBatchCells))
          << candidates << " x " << cells;
    }
  }
}

// The cells of the largest slice.
std::int64_t SliceCells(const ObjectivePlan& plan, std::int32_t cells) {
  const std::int32_t batches = CountTiles(cells, kBatchCells);
  std::int64_t largest = 0;
  for (std::int32_t slice = 0; slice < plan.slices; ++slice) {
    const std::int32_t begin = ShareOf(batches, slice, plan.slices).begin;
    const std::int32_t end = ShareOf(batches, slice + 1, plan.slices).begin;
    largest = std::max(largest, std::int64_t{end - begin} * kBatchCells);
  }
  return largest;
}

TEST(WorkPlanTest, ASliceIsShortEnoughToCancelAfter) {
  for (const std::int32_t candidates : kCandidateCounts) {
    for (const std::int32_t cells : kCellCounts) {
      const ObjectivePlan plan = PlanObjective(candidates, cells, kModels);
      const std::int64_t lanes = std::int64_t{plan.groups} * plan.group_size();
      // Batches are not divided: one may come on top.
      EXPECT_LE(lanes * (SliceCells(plan, cells) - kBatchCells), std::int64_t{1} << 32) << candidates << " x " << cells;
    }
  }
}

TEST(WorkPlanTest, ASliceOfAnyPopulationFillsALargeDevice) {
  for (const std::int32_t candidates : kCandidateCounts) {
    for (const std::int32_t cells : {786000, 100000000}) {
      const ObjectivePlan plan = PlanObjective(candidates, cells, kModels);
      EXPECT_GE(plan.groups * plan.splits, 1024) << candidates << " x " << cells;
    }
  }
}

TEST(WorkPlanTest, PartialSumsStaySmall) {
  for (const std::int32_t candidates : kCandidateCounts) {
    for (const std::int32_t cells : kCellCounts) {
      const ObjectivePlan plan = PlanObjective(candidates, cells, kModels);
      EXPECT_LE(plan.groups * plan.splits * plan.group_size(), 1 << 19) << candidates << " x " << cells;  // 4 MiB
    }
  }
}

TEST(WorkPlanTest, FewCandidatesAreSpreadOverTheLanes) {
  EXPECT_EQ(PlanObjective(8, 65500, kModels).candidates_per_thread, 1);
  EXPECT_EQ(PlanObjective(33, 65500, kModels).candidates_per_thread, 2);
  EXPECT_EQ(PlanObjective(64, 65500, kModels).candidates_per_thread, 2);
  EXPECT_EQ(PlanObjective(65, 65500, kModels).candidates_per_thread, 4);
}

TEST(WorkPlanTest, TheTableOfComputesIsNeverLargerThanItMayBe) {
  for (int computes = 1; computes <= kObjectiveTableComputes; ++computes) {
    const std::int32_t per_thread = PlanObjective(4096, 65500, computes).candidates_per_thread;
    EXPECT_LE(per_thread * computes, kObjectiveTableComputes);
    EXPECT_TRUE(per_thread == kMaxCandidatesPerThread || 2 * per_thread * computes > kObjectiveTableComputes);
  }
  EXPECT_EQ(PlanObjective(4096, 65500, kObjectiveTableComputes + 1).candidates_per_thread, kMaxCandidatesPerThread);
}

TEST(WorkPlanTest, TheHeadlineSizesAreSingleSlices) {
  EXPECT_EQ(PlanObjective(4096, 65500, kModels).slices, 1);
  EXPECT_EQ(PlanObjective(4096, 500000, kModels).slices, 1);
}

TEST(WorkPlanTest, TheFullFormHasACandidateToAThreadAndSmallerSlices) {
  const ObjectivePlan factors = PlanObjective(4096, 1 << 22, kModels);
  const ObjectivePlan full = PlanObjective(4096, 1 << 22, kModels, kSliceWork, true);
  EXPECT_EQ(full.candidates_per_thread, 1);
  EXPECT_EQ(full.groups, 4096 / kWarpThreads);
  EXPECT_EQ(full.slices, kFullFormWork * factors.slices);
}

TEST(WorkPlanTest, SlicesAreAsSmallAsTheirWorkAsks) {
  EXPECT_EQ(PlanObjective(4096, 65536, kModels, std::int64_t{4096} * 65536).slices, 1);
  EXPECT_EQ(PlanObjective(4096, 65536, kModels, std::int64_t{4096} * 16384).slices, 4);
}

TEST(WorkPlanTest, TheWorkOfASliceIsThatOfItsCells) {
  EXPECT_EQ(SliceWork(PlanObjective(4096, 65536, kModels), 65536, false), std::int64_t{4096} * 65536);
  EXPECT_EQ(SliceWork(PlanObjective(100, 33, kModels), 33, false), 128 * 64);
  for (const bool full : {false, true}) {
    const ObjectivePlan plan = PlanObjective(4096, 65536, kModels, std::int64_t{4096} * 16384, full);
    EXPECT_EQ(SliceWork(plan, 65536, full), std::int64_t{4096} * 16384);
  }
}

// Problem and slice of every place, by round.
std::vector<std::vector<std::pair<int, int>>> RoundsOf(const std::vector<SlicedProblem>& problems, std::int64_t work) {
  std::vector<std::vector<std::pair<int, int>>> rounds;
  for (const std::vector<SlicePlace>& round : PlanRounds(problems, work)) {
    rounds.emplace_back();
    for (const SlicePlace& place : round) rounds.back().emplace_back(place.problem, place.slice);
  }
  return rounds;
}

TEST(WorkPlanTest, ARoundHasAsManySlicesAsItsWorkAllows) {
  using Rounds = std::vector<std::vector<std::pair<int, int>>>;
  EXPECT_EQ(RoundsOf({}, 10), Rounds());
  EXPECT_EQ(RoundsOf({{1, 3}, {1, 4}, {1, 3}}, 10), (Rounds{{{0, 0}, {1, 0}, {2, 0}}}));
  EXPECT_EQ(RoundsOf({{1, 3}, {1, 4}, {1, 4}, {1, 30}, {1, 1}}, 10),
            (Rounds{{{0, 0}, {1, 0}}, {{2, 0}}, {{3, 0}}, {{4, 0}}}));
}

TEST(WorkPlanTest, TheSlicesOfAProblemAreInRoundsOfTheirOwnInTheirOrder) {
  using Rounds = std::vector<std::vector<std::pair<int, int>>>;
  EXPECT_EQ(RoundsOf({{1, 2}, {3, 4}, {1, 2}}, 10), (Rounds{{{0, 0}, {1, 0}}, {{1, 1}}, {{1, 2}, {2, 0}}}));
}

TEST(WorkPlanTest, FewReplicatesAreSplitAndManyAreNot) {
  EXPECT_EQ(SplitReplicates(1000, 65500), 2);
  EXPECT_EQ(SplitReplicates(2000, 65500), 1);
  EXPECT_EQ(SplitReplicates(20, 65500), 52);
  EXPECT_EQ(SplitReplicates(20, 100), 1);  // one tile
}

}  // namespace
}  // namespace ctxfit
