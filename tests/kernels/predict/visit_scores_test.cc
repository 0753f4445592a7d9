#include "kernels/predict/visit_scores.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/law_rows.h"
#include "kernels/predict/predictions.h"
#include "tests/kernels/vector_variants.h"

namespace ctxfit {
namespace {

Law SomeLaw() { return {{{std::log(0.9), 0.4, std::log(1.1), 0.6}}, {1e22, 1000}, {Penalty::Form::kRatio, 0.1, 1.1}}; }

std::vector<Point> ScatteredLaws(int count, int coordinates) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> uniform(0, 0.2);
  std::vector<Point> laws(count, SomeLaw().point);
  for (Point& law : laws) {
    for (int i = 0; i < coordinates; ++i) law.at[i] += uniform(random);
  }
  return laws;
}

// Points that share neither a compute nor a prompt length, or points of a grid.
PredictionPoints SomePoints(int count, bool grid) {
  PredictionPoints points;
  for (int i = 0; i < count; ++i) {
    points.compute.push_back(1e20 * (1 + (grid ? i % 10 : i * 37 % count)));
    points.prompt.push_back(10.0 * (1 + (grid ? i / 10 : i)));
    points.limit.push_back(i % 3 == 0 ? 500 : 8000);
  }
  return points;
}

// Each case runs with every instruction set of this machine.
class VisitScoresTest : public testing::TestWithParam<VectorVariant> {
 protected:
  // The scores of the laws at every point.
  std::vector<std::vector<double>> Scores(const std::vector<Point>& laws, const PredictionPoints& points, int threads) {
    ThreadPool pool(threads);
    std::vector<std::vector<double>> scores(points.size());
    std::vector<int> visits(points.size());
    const auto visit = [&](std::size_t point, const double* row, int) {
      scores[point].assign(row, row + laws.size());
      ++visits[point];
    };
    EXPECT_TRUE(VisitScores(LawRows(*GetParam().kernels, laws), SomeLaw().references, SomeLaw().penalty, points, pool,
                            StopSignal(), visit)
                    .ok());
    EXPECT_EQ(visits, std::vector<int>(points.size(), 1));
    return scores;
  }

  void ExpectScoresOfTheLaw(const std::vector<Point>& laws, const PredictionPoints& points) {
    const std::vector<std::vector<double>> scores = Scores(laws, points, 2);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const LawAt expected(SomeLaw(), points.compute[i], points.prompt[i], points.limit[i]);
      for (std::size_t b = 0; b < laws.size(); ++b) {
        const double score = expected(laws[b]);
        ASSERT_NEAR(scores[i][b], score, 4e-15 * score) << "point " << i << ", law " << b;
      }
    }
  }
};

TEST_P(VisitScoresTest, ScoresAreThoseOfTheLaw) {
  for (const int laws : {1, 2, 33, 200}) {
    for (const bool grid : {true, false}) {
      ExpectScoresOfTheLaw(ScatteredLaws(laws, kFactorCoordinateCount), SomePoints(200, grid));
    }
  }
}

TEST_P(VisitScoresTest, ScoresAreRightForLawsThatShareNoPenaltyAndNoFloor) {
  for (const bool grid : {true, false}) {
    ExpectScoresOfTheLaw(ScatteredLaws(77, kCoordinateCount), SomePoints(200, grid));
  }
}

// A table has room for the factors of 40,000 laws at 52 values.
TEST_P(VisitScoresTest, ScoresNeedNoTableOfAllFactors) {
  ExpectScoresOfTheLaw(ScatteredLaws(40000, kFactorCoordinateCount), SomePoints(130, false));
}

TEST_P(VisitScoresTest, ScoresDependNeitherOnThreadsNorOnOtherPoints) {
  const std::vector<Point> laws = ScatteredLaws(50, kCoordinateCount);
  const PredictionPoints points = SomePoints(300, true);
  const std::vector<std::vector<double>> scores = Scores(laws, points, 1);
  EXPECT_EQ(Scores(laws, points, 3), scores);
  for (const std::size_t i : {0, 17, 299}) {
    EXPECT_EQ(Scores(laws, {{points.compute[i]}, {points.prompt[i]}, {points.limit[i]}}, 1)[0], scores[i]);
  }
}

TEST_P(VisitScoresTest, NoPointsHaveNoScores) { EXPECT_TRUE(Scores(ScatteredLaws(3, 1), {}, 2).empty()); }

TEST_P(VisitScoresTest, VisitsEndAtAStop) {
  StopSignal stop;
  ThreadPool pool(1);
  int visits = 0;
  const auto visit = [&](std::size_t, const double*, int) {
    if (++visits == 5) stop.Cancel();
  };
  const absl::Status status = VisitScores(LawRows(*GetParam().kernels, ScatteredLaws(3, 1)), SomeLaw().references,
                                          SomeLaw().penalty, SomePoints(1000, false), pool, stop, visit);
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(visits, 5);
}

INSTANTIATE_TEST_SUITE_P(Variants, VisitScoresTest, testing::ValuesIn(SupportedVariants()),
                         [](const auto& variant) { return variant.param.Name(); });

}  // namespace
}  // namespace ctxfit
