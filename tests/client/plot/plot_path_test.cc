#include "client/plot/plot_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctxfit {
namespace {

using ::testing::ElementsAre;

TEST(PlotPathsTest, KeepsThePathOfASingleTask) { EXPECT_THAT(PlotPaths("a/b.svg", {"t"}), ElementsAre("a/b.svg")); }

TEST(PlotPathsTest, GivesEachOfSeveralTasksItsOwnFile) {
  EXPECT_THAT(PlotPaths("a.b/c.svg", {"x", "../y z", "--/y-z", ""}),
              ElementsAre("a.b/c-x.svg", "a.b/c-..-y-z.svg", "a.b/c----y-z.svg", "a.b/c-.svg"));
  EXPECT_THAT(PlotPaths("plot", {"a b", "a/b"}), ElementsAre("plot-a-b", "plot-a-b-2"));
}

}  // namespace
}  // namespace ctxfit
