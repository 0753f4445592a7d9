#include "kernels/backend/cuda/moment_table.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "tests/kernels/moment_problem.h"

namespace ctxfit {
namespace {

// Every place is the node, the level and the centre that the panels say, in their order.
void ExpectPlaces(const Moments& moments, const MomentTable& table) {
  ASSERT_EQ(table.place.size(), moments.sum_count / 2);
  ASSERT_EQ(table.level.size(), moments.sum_count / 2);
  ASSERT_EQ(table.parts.size(), moments.level_compute.size());
  std::size_t place = 0;
  for (const MomentPanel& panel : moments.panels) {
    for (std::int32_t level = panel.level_begin; level < panel.level_end; ++level) {
      EXPECT_EQ(table.parts[level].place_begin, static_cast<std::int32_t>(place));
      EXPECT_EQ(table.parts[level].node_count, panel.node_count);
      for (int j = 0; j < panel.node_count; ++j, ++place) {
        EXPECT_EQ(table.level[place], level);
        EXPECT_EQ(table.place[place].centre, moments.centre[place]);
        EXPECT_EQ(table.place[place].compute, moments.level_compute[level]);
        EXPECT_EQ(table.log_prompt[table.place[place].node], panel.log_prompt[j]);
      }
    }
  }
}

// Every level has those parts that add to its sums, in their order, right behind the level before it.
void ExpectParts(const Moments& moments, const MomentTable& table) {
  std::map<std::int32_t, std::vector<const MomentPart*>> parts_of;  // by where the sums of their level begin
  for (const MomentPart& part : moments.parts) parts_of[part.sums].push_back(&part);
  std::int32_t next_part = 0;
  std::int64_t next_moment = 0;
  for (const LevelParts& level : table.parts) {
    const std::vector<const MomentPart*>& expected = parts_of[2 * level.place_begin];
    ASSERT_EQ(level.part_begin, next_part);
    ASSERT_EQ(level.part_end - level.part_begin, static_cast<std::int32_t>(expected.size()));
    ASSERT_EQ(level.moment_begin, next_moment);
    for (std::size_t e = 0; e < expected.size(); ++e) {
      EXPECT_EQ(table.unit[next_part + e], expected[e]->unit);
      for (int j = 0; j < level.node_count; ++j, ++next_moment) {
        EXPECT_EQ(table.moments[next_moment].weight, moments.moments[expected[e]->moments + 2 * j]);
        EXPECT_EQ(table.moments[next_moment].residual, moments.moments[expected[e]->moments + 2 * j + 1]);
      }
    }
    next_part = level.part_end;
  }
  EXPECT_EQ(table.unit.size(), moments.parts.size());
  EXPECT_EQ(2 * table.moments.size(), moments.moments.size());
}

void ExpectTable(const Moments& moments) {
  const MomentTable table = TabulateMoments(moments, 10);
  ExpectPlaces(moments, table);
  ExpectParts(moments, table);
  const MomentsView view = table.View();
  EXPECT_EQ(view.compute_count, static_cast<std::int32_t>(moments.log_compute.size()));
  EXPECT_EQ(view.place_count, static_cast<std::int32_t>(moments.sum_count / 2));
  EXPECT_EQ(view.unit_count, 10);
  EXPECT_EQ(view.moment_count, static_cast<std::int64_t>(moments.moments.size() / 2));
}

TEST(MomentTableTest, HoldsThePlacesAndPartsOfGatheredMoments) {
  for (const bool distinct : {false, true}) {
    const Cells cells = ManyCells({.distinct_prompts = distinct});
    ExpectTable(Gather(cells, kCentre).value());
  }
}

TEST(MomentTableTest, SortsPartsThatComeInAnyOrderOfLevels) {
  const Cells cells = ManyCells({.distinct_prompts = false, .clusters = 30});
  Moments moments = Gather(cells, kCentre).value();
  std::mt19937 random(3);
  for (const MomentPanel& panel : moments.panels) {
    for (std::int32_t e = panel.part_end - 1; e > panel.part_begin; --e) {
      std::swap(moments.parts[e], moments.parts[panel.part_begin + random() % (e - panel.part_begin + 1)]);
    }
  }
  ExpectTable(moments);
}

}  // namespace
}  // namespace ctxfit
