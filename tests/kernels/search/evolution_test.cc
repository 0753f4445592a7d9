#include "kernels/search/evolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/search/search_options.h"
#include "tests/kernels/batching_backend.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/random_cells.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;

// Five tasks, of which one has nothing to fit.
class EvolutionTest : public testing::Test {
 protected:
  EvolutionTest() {
    for (unsigned seed = 1; seed <= 5; ++seed) cells_.push_back(RandomCells({.prompts = 40, .seed = seed}));
    std::fill(std::begin(fixed_.free), std::end(fixed_.free), false);
  }

  Evolution EvolutionOf(std::size_t task) const {
    return {cells_[task], task == 2 ? fixed_ : domain_, options_, 0, 40, [](int, double) {}, nullptr};
  }

  std::vector<EvolutionEnd> EvolveAll(Backend& backend) const {
    std::vector<Evolution> evolutions;
    for (std::size_t task = 0; task < cells_.size(); ++task) evolutions.push_back(EvolutionOf(task));
    return Evolve(backend, evolutions, StopSignal()).value();
  }

  std::vector<Cells> cells_;
  const SearchOptions options_;
  const Domain domain_ = DefaultDomain();
  Domain fixed_ = domain_;
};

bool SamePoints(const std::vector<Point>& a, const std::vector<Point>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Point& x, const Point& y) {
    return std::equal(std::begin(x.at), std::end(x.at), std::begin(y.at));
  });
}

void ExpectSameEnd(const EvolutionEnd& a, const EvolutionEnd& b) {
  EXPECT_EQ(a.termination, b.termination);
  EXPECT_EQ(a.termination_message, b.termination_message);
  EXPECT_EQ(a.generation_count, b.generation_count);
  EXPECT_EQ(a.evaluation_count, b.evaluation_count);
  EXPECT_TRUE(SamePoints(a.best, b.best));
  EXPECT_TRUE(SamePoints(a.early, b.early));
}

TEST_F(EvolutionTest, EachOfSeveralEndsAsItEndsAlone) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const std::vector<EvolutionEnd> together = EvolveAll(*backend);
  ASSERT_EQ(together.size(), cells_.size());
  for (std::size_t task = 0; task < cells_.size(); ++task) {
    SCOPED_TRACE(task);
    ExpectSameEnd(together[task], Evolve(*backend, {EvolutionOf(task)}, StopSignal()).value().front());
  }
}

TEST_F(EvolutionTest, SeveralPassesEndAsOne) {
  BatchingBackend whole(10);
  BatchingBackend small(3);
  const std::vector<EvolutionEnd> together = EvolveAll(whole);
  const std::vector<EvolutionEnd> in_passes = EvolveAll(small);
  EXPECT_THAT(whole.started(), ElementsAre(4));
  EXPECT_THAT(small.started(), ElementsAre(3, 1));
  for (std::size_t task = 0; task < cells_.size(); ++task) ExpectSameEnd(in_passes[task], together[task]);
}

TEST_F(EvolutionTest, WithoutAFreeCoordinateNothingRuns) {
  BatchingBackend backend(1);
  const EvolutionEnd end = Evolve(backend, {EvolutionOf(2)}, StopSignal()).value().front();
  EXPECT_EQ(end.termination, SearchTermination::kNothingToFit);
  EXPECT_TRUE(backend.started().empty());
}

TEST_F(EvolutionTest, AStopEndsAll) {
  BatchingBackend backend(2);
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(Evolve(backend, {EvolutionOf(0), EvolutionOf(1)}, stop).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit
