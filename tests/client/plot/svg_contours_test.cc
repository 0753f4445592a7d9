#include "client/plot/svg_contours.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/plot/contour_data.h"
#include "tests/client/sample_fit.h"
#include "tests/client/well_formed.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

v1::Fit CoveredFit() {
  v1::Fit fit = SampleFit();
  fit.mutable_observed_ranges()->set_compute_flops_min(1e22);
  fit.mutable_observed_ranges()->set_compute_flops_max(1e24);
  fit.mutable_observed_ranges()->set_prompt_tokens_min(100);
  fit.mutable_observed_ranges()->set_prompt_tokens_max(10000);
  return fit;
}

v1::Observations Rows() {
  v1::Observations rows;
  for (const double limit : {4096.0, 4096.0, 8192.0}) {
    rows.add_training_compute_flops(1e23);
    rows.add_prompt_tokens(500);
    rows.add_context_limit_tokens(limit);
    rows.add_score(0.5);
    rows.add_task("arithmetic");
  }
  return rows;
}

v1::PredictResponse UpperEdge(double highest) {
  v1::PredictResponse response;
  for (const double score : {0.1, highest, 0.0}) response.mutable_predictions()->add_score(score);
  return response;
}

// Solutions on the line C = 1e22 (prompt / 100)^2 for a score of 0.05, unreachable beyond 1,000 tokens; on lines above
// for higher scores, `rise` in ln C per 0.1.
v1::SolveResponse Solutions(const v1::SolveRequest& request, double rise = 1) {
  v1::SolveResponse response;
  const v1::ComputeQueries& questions = request.training_compute();
  for (int i = 0; i < questions.target_score_size(); ++i) {
    v1::Solution& solution = *response.add_solutions();
    solution.set_target_score(questions.target_score(i));
    solution.set_prompt_tokens(questions.prompt_tokens(i));
    solution.set_outcome(v1::SOLVE_OUTCOME_NOT_REACHABLE);
    if (questions.prompt_tokens(i) > 1000) continue;
    solution.set_outcome(v1::SOLVE_OUTCOME_REACHED);
    solution.mutable_least()->set_value(1e22 * std::pow(questions.prompt_tokens(i) / 100, 2) *
                                        std::exp(10 * rise * (questions.target_score(i) - 0.05)));
  }
  return response;
}

TEST(ContourPlotTest, SeparatesPointsByLimitAndDrawsEachPlaceOnce) {
  const ContourPlot plot = MakeContourPlot(Rows(), "observed", CoveredFit(), 4096);
  EXPECT_THAT(plot.points, SizeIs(1));
  EXPECT_THAT(plot.elsewhere, SizeIs(1));
  EXPECT_LT(plot.prompt_min, 100);
  EXPECT_GT(plot.prompt_max, 10000);
  EXPECT_LT(plot.compute_min, 1e22);
  EXPECT_GT(plot.compute_max, 1e24);
}

TEST(ContourPlotTest, RequestsRoundScoresBelowTheHighest) {
  const ContourPlot plot = MakeContourPlot(Rows(), "observed", CoveredFit(), 4096);
  const v1::SolveRequest request = LinesRequest(plot, CoveredFit(), UpperEdge(0.42));
  std::vector<double> levels;
  for (const double target : request.training_compute().target_score()) {
    if (levels.empty() || levels.back() != target) levels.push_back(target);
  }
  using ::testing::DoubleEq;
  EXPECT_THAT(levels, ElementsAre(DoubleEq(0.05), DoubleEq(0.1), DoubleEq(0.15), DoubleEq(0.2), DoubleEq(0.25),
                                  DoubleEq(0.3), DoubleEq(0.35), DoubleEq(0.4)));
  EXPECT_EQ(request.fit().replicates().compute_coefficient_size(), 0) << "lines have no band";
}

TEST(ContourPlotTest, CutsLinesWhereTheyLeaveThePicture) {
  ContourPlot plot = MakeContourPlot(Rows(), "observed", CoveredFit(), 4096);
  SetLines(Solutions(LinesRequest(plot, CoveredFit(), UpperEdge(0.42))), plot);
  ASSERT_THAT(plot.lines, SizeIs(8));
  ASSERT_THAT(plot.lines[0].pieces, SizeIs(1));
  const std::vector<ContourPoint>& piece = plot.lines[0].pieces[0];
  for (const ContourPoint& point : piece) {
    // Tolerance: some roundings of ln C, about 50, through logarithms and back, each 7e-15.
    EXPECT_GE(point.compute_flops, plot.compute_min * (1 - 1e-12));
    EXPECT_LE(point.compute_flops, plot.compute_max * (1 + 1e-12));
    if (point.prompt_tokens > 990) continue;  // on the segment to the unreachable score
    EXPECT_NEAR(point.compute_flops / (1e22 * std::pow(point.prompt_tokens / 100, 2)), 1, 1e-12);
  }
  EXPECT_NEAR(piece.back().compute_flops / plot.compute_max, 1, 1e-12) << "a line to what is out of reach goes up";
}

TEST(ContourPlotTest, OmitsUndeterminedLinesAndNotesIt) {
  ContourPlot plot = MakeContourPlot(Rows(), "observed", CoveredFit(), 4096);
  v1::SolveResponse response = Solutions(LinesRequest(plot, CoveredFit(), UpperEdge(0.42)));
  for (v1::Solution& solution : *response.mutable_solutions()) {
    solution.set_outcome(v1::SOLVE_OUTCOME_NOT_DETERMINED);
    solution.clear_least();
  }
  SetLines(response, plot);
  EXPECT_THAT(plot.lines, IsEmpty());
  EXPECT_THAT(plot.notes.back(), HasSubstr("observations do not determine"));
}

TEST(SvgContoursTest, ShowsLinesWithTheirScoresPointsLimitAndShade) {
  ContourPlot plot = MakeContourPlot(Rows(), "observed", CoveredFit(), 4096);
  SetLines(Solutions(LinesRequest(plot, CoveredFit(), UpperEdge(0.42))), plot);
  const std::string svg = RenderSvg(plot);
  EXPECT_TRUE(IsWellFormed(svg));
  EXPECT_THAT(svg, HasSubstr("arithmetic: score at a context limit of 4k tokens"));
  for (const ContourLine& line : plot.lines) EXPECT_THAT(svg, HasSubstr(absl::StrCat(">", line.score, "</text>")));
  EXPECT_THAT(svg, HasSubstr(">observed</text>"));
  EXPECT_THAT(svg, HasSubstr(">extrapolated</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(SvgContoursTest, LeavesOutLabelsThatWouldCoverOtherLines) {
  ContourPlot plot = MakeContourPlot(Rows(), "observed", CoveredFit(), 4096);
  SetLines(Solutions(LinesRequest(plot, CoveredFit(), UpperEdge(0.42)), 0), plot);
  ASSERT_THAT(plot.lines, SizeIs(8));
  const std::string svg = RenderSvg(plot);
  for (const ContourLine& line : plot.lines) EXPECT_THAT(svg, Not(HasSubstr(absl::StrCat(">", line.score, "</text>"))));
}

TEST(SvgContoursTest, ShowsNoLimitWhereThereIsNone) {
  v1::Observations rows = Rows();
  rows.clear_context_limit_tokens();
  ContourPlot plot = MakeContourPlot(rows, "observed", CoveredFit(), 0);
  EXPECT_EQ(UpperEdgeRequest(plot, CoveredFit()).grid().context_limit_tokens_size(), 0);
  SetLines(Solutions(LinesRequest(plot, CoveredFit(), UpperEdge(0.42))), plot);
  const std::string svg = RenderSvg(plot);
  EXPECT_TRUE(IsWellFormed(svg));
  EXPECT_THAT(svg, HasSubstr(">arithmetic: score</text>"));
  EXPECT_THAT(svg, Not(HasSubstr("limit")));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(ContourPlotTest, CoversThePromptsOfRowsWhereTheLawUsesNone) {
  v1::Fit fit = CoveredFit();
  fit.mutable_observed_ranges()->clear_prompt_tokens_min();
  fit.mutable_observed_ranges()->clear_prompt_tokens_max();
  const ContourPlot plot = MakeContourPlot(Rows(), "observed", fit, 4096);
  EXPECT_EQ(plot.observed.prompt_tokens_min(), 500);
  EXPECT_GT(plot.prompt_min, 0);
}

}  // namespace
}  // namespace ctxfit
