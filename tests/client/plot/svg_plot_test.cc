#include "client/plot/svg_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/plot/plot_data.h"
#include "tests/client/sample_fit.h"
#include "tests/client/well_formed.h"

namespace ctxfit {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// Observations of task "arithmetic": `levels` model levels with `rows` scores each.
v1::Observations SampleObservations(int levels, int rows) {
  v1::Observations observations;
  for (int level = 0; level < levels; ++level) {
    for (int row = 0; row < rows; ++row) {
      const int model = level / 6;
      observations.add_training_compute_flops(7e22 * (1 + model));
      observations.add_context_limit_tokens(4096 << level % 6);
      observations.add_prompt_tokens(50 * std::pow(2.0, 11.0 * row / rows));
      observations.add_score(0.4 + 0.1 * (row % 2));
      observations.add_model(absl::StrCat("org/model <", level, "> & co"));
      observations.add_task("arithmetic");
    }
  }
  return observations;
}

// A curve that falls from 0.6 to 0.2, with a band of 0.1 on either side; the last tenth is extrapolated.
v1::PredictResponse SampleCurves(const v1::PredictRequest& request) {
  v1::PredictResponse response;
  v1::Predictions& predictions = *response.mutable_predictions();
  for (const double prompt : request.points().prompt_tokens()) {
    const double score = 0.6 - 0.4 * std::log(prompt) / std::log(1e6);
    predictions.add_prompt_tokens(prompt);
    predictions.add_score(score);
    predictions.add_mean_lower(score - 0.1);
    predictions.add_mean_upper(score + 0.1);
    predictions.add_extrapolated(prompt > 50000);
  }
  return response;
}

Plot SamplePlot(int levels, int rows) {
  const v1::Fit fit = SampleFit();
  Plot plot = MakePlot(SampleObservations(levels, rows), fit);
  const v1::PredictRequest request = CurveRequest(plot, fit);
  SetCurves(request, SampleCurves(request), plot);
  return plot;
}

std::size_t Count(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(MakePlotTest, MakesOnePanelPerLevelOfTheTask) {
  v1::Observations observations = SampleObservations(12, 5);
  observations.set_task(0, "another");
  const Plot plot = MakePlot(observations, SampleFit());
  ASSERT_THAT(plot.panels, SizeIs(12));
  EXPECT_THAT(plot.panels[0].points, SizeIs(4));
  EXPECT_EQ(plot.panels[0].title, "model <0> & co");
  EXPECT_EQ(plot.panels[7].subtitle, "C = 1.400×10²³ FLOP, limit 8k tokens");
}

TEST(MakePlotTest, TitlesPanelsWithTheComputeWithoutModels) {
  v1::Observations observations = SampleObservations(1, 5);
  observations.clear_model();
  EXPECT_EQ(MakePlot(observations, SampleFit()).panels[0].title, "C = 7.000×10²² FLOP");
}

TEST(MakePlotTest, ShowsNoLimitWhereThereIsNone) {
  v1::Observations observations = SampleObservations(2, 100);
  observations.clear_context_limit_tokens();
  Plot plot = MakePlot(observations, SampleFit());
  EXPECT_THAT(plot.panels[0].subtitle, Not(HasSubstr("limit")));
  EXPECT_GT(plot.prompt_min, 0);
  const v1::PredictRequest request = CurveRequest(plot, SampleFit());
  EXPECT_EQ(request.points().context_limit_tokens_size(), 0);
  SetCurves(request, SampleCurves(request), plot);
  plot.notes.clear();
  EXPECT_THAT(RenderSvg(plot), Not(HasSubstr("limit")));
}

TEST(MakePlotTest, SpeaksOfOneTokenInTheSingular) {
  EXPECT_THAT(MakePlot(SampleObservations(1, 5), SampleFit()).parameters, Contains("w\u00A0=\u00A01\u00A0token"));
}

TEST(MakePlotTest, BinsManyRowsAndNotesIt) {
  const Plot few = MakePlot(SampleObservations(1, 60), SampleFit());
  EXPECT_THAT(few.panels[0].points, SizeIs(60));
  for (const std::string& note : few.notes) EXPECT_THAT(note, Not(HasSubstr("weighted means")));
  const Plot many = MakePlot(SampleObservations(1, 600), SampleFit());
  // Bins: eleven octaves in halves that do not begin with the data, one of them split by the limit.
  EXPECT_LE(many.panels[0].points.size(), 24u);
  EXPECT_THAT(many.notes, Contains(HasSubstr("In panels with more than 60 records, points are weighted means")));
  double largest = 0;
  for (const PlotPoint& point : many.panels[0].points) {
    EXPECT_NEAR(point.score, 0.45, 0.02);
    EXPECT_GT(point.share, 0);
    largest = std::max(largest, point.share);
  }
  EXPECT_EQ(largest, 1);
}

TEST(MakePlotTest, NeverMixesBothSidesOfTheLimitInABin) {
  v1::Observations observations = SampleObservations(1, 100);
  for (int row = 0; row < observations.score_size(); ++row) {
    observations.set_score(row, observations.prompt_tokens(row) > 4096 ? 0 : 1);
  }
  const Plot plot = MakePlot(observations, SampleFit());
  for (const PlotPoint& point : plot.panels[0].points) {
    EXPECT_EQ(point.score, point.prompt_tokens > 4096 ? 0 : 1);
  }
}

TEST(MakePlotTest, MergesBinsThatHoldLessThanAHundredthOfTheWeight) {
  v1::Observations observations = SampleObservations(1, 300);
  for (int row = 0; row < 300; ++row) observations.set_prompt_tokens(row, 1000);
  observations.set_prompt_tokens(0, 10);
  observations.set_prompt_tokens(1, 50000);  // alone beyond the limit: no bin to merge with
  EXPECT_THAT(MakePlot(observations, SampleFit()).panels[0].points, SizeIs(2));
}

TEST(MakePlotTest, ThinsOutTooManyLevelsAndNotesIt) {
  const Plot plot = MakePlot(SampleObservations(30, 3), SampleFit());
  EXPECT_THAT(plot.panels, SizeIs(kMaxPanels));
  EXPECT_EQ(plot.notes.back(), "16 of 30 model levels are shown.");
}

TEST(CurveRequestTest, SamplesThePenaltyStepDensely) {
  const v1::Fit fit = SampleFit();
  const v1::PredictRequest request = CurveRequest(MakePlot(SampleObservations(1, 5), fit), fit);
  int near_limit = 0;
  for (const double prompt : request.points().prompt_tokens()) near_limit += std::abs(prompt - 4096) <= 8;
  EXPECT_GE(near_limit, 33);  // every half width from 8 before to 8 after
}

TEST(SetCurvesTest, AWithheldBandHasNoWidthAndANote) {
  const v1::Fit fit = SampleFit();
  Plot plot = MakePlot(SampleObservations(1, 5), fit);
  const v1::PredictRequest request = CurveRequest(plot, fit);
  v1::PredictResponse response = SampleCurves(request);
  const std::size_t notes = plot.notes.size();
  for (const double prompt : request.points().prompt_tokens()) {
    response.mutable_predictions()->add_band_withheld(prompt > 1000);
  }
  SetCurves(request, response, plot);
  const PlotCurve& curve = plot.panels[0].curve;
  EXPECT_LT(curve.lower.front(), curve.score.front());
  EXPECT_EQ(curve.lower.back(), curve.score.back());
  EXPECT_EQ(curve.upper.back(), curve.score.back());
  ASSERT_EQ(plot.notes.size(), notes + 1);
  EXPECT_THAT(plot.notes.back(), HasSubstr("no band outside the observed range"));
}

TEST(RenderSvgTest, DrawsEveryMarkOfEveryPanelInWellFormedXml) {
  const std::string svg = RenderSvg(SamplePlot(12, 20));
  EXPECT_TRUE(IsWellFormed(svg));
  EXPECT_EQ(Count(svg, "<polygon"), 12u);
  EXPECT_EQ(Count(svg, "<polyline"), 24u);         // the observed part and the extrapolated one
  EXPECT_EQ(Count(svg, "<circle"), 12u * 20 + 1);  // and the legend's
  EXPECT_EQ(Count(svg, "stroke-dasharray=\"6 4\""), 13u);
  EXPECT_THAT(svg, HasSubstr("model &lt;0&gt; &amp; co"));
  EXPECT_THAT(svg, HasSubstr("arithmetic: score against prompt length"));
  EXPECT_THAT(svg, HasSubstr("n = 65,500 records in 262 clusters, mean absolute error 0.0367"));
  EXPECT_THAT(svg, HasSubstr("95 % band"));
}

TEST(RenderSvgTest, DrawsEveryNumberOfPanels) {
  for (int levels = 1; levels <= 16; ++levels) {
    const std::string svg = RenderSvg(SamplePlot(levels, 10));
    EXPECT_TRUE(IsWellFormed(svg)) << levels;
    EXPECT_EQ(Count(svg, "<polygon"), static_cast<std::size_t>(levels));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
  }
}

TEST(RenderSvgTest, DrawsASingleObservation) {
  const std::string svg = RenderSvg(SamplePlot(1, 1));
  EXPECT_TRUE(IsWellFormed(svg));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(MakePlotTest, MarksHeldOutRows) {
  for (const int rows : {10, 100}) {  // drawn one by one; binned
    v1::Observations observations = SampleObservations(1, rows);
    for (int row = 0; row < rows; ++row) observations.add_held_out(row >= rows / 2);
    const Plot plot = MakePlot(observations, SampleFit());
    const std::vector<PlotPoint>& points = plot.panels.at(0).points;
    const auto held_out = std::count_if(points.begin(), points.end(), [](const PlotPoint& p) { return p.held_out; });
    EXPECT_GT(held_out, 0);
    EXPECT_LT(held_out, points.size());
    for (const PlotPoint& point : points) {
      // The two halves of the rows meet at 50 * 2^5.5 tokens.
      EXPECT_EQ(point.held_out, point.prompt_tokens > 50 * std::pow(2.0, 5.49)) << point.prompt_tokens;
    }
    EXPECT_THAT(RenderSvg(plot), HasSubstr(">held out</text>"));
  }
  EXPECT_THAT(RenderSvg(MakePlot(SampleObservations(1, 10), SampleFit())), Not(HasSubstr("held out")));
}

}  // namespace
}  // namespace ctxfit
