#include "client/text/text_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctxfit {
namespace {

using ::testing::ElementsAre;

TEST(TextTableTest, AlignsByCharactersAndLeavesOutEmptyColumns) {
  using enum TextTable::Align;
  TextTable table({kLeft, kRight, kRight, kLeft});
  table.AddRow({"α", "1", "", "x"});
  table.AddRow({"beta", "22", "", ""});
  EXPECT_EQ(table.Print(1), " α      1  x\n beta  22\n");
}

TEST(BrokenLinesTest, BreaksBetweenWordsOnly) {
  EXPECT_THAT(BrokenLines("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(BrokenLines("unbreakable", 3), ElementsAre("unbreakable"));
  EXPECT_THAT(BrokenLines("", 3), ElementsAre(""));
}

TEST(WrappedTest, IndentsContinuationLines) {
  EXPECT_EQ(Wrapped("  ! ", "one two three", 11), "  ! one two\n    three\n");
}

}  // namespace
}  // namespace ctxfit
