#include "client/plot/svg_backtest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/text_format.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

v1::Backtest Sample() {
  v1::Backtest backtest;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        task: "a < b"
        folds {
          means {
            score: 0.5
            law: 0.45
            baselines: [ 0.3, 0.4, 0.42 ]
            lower: 0.44
            upper: 0.46
            prompt_distance: 0.5
          }
          means {
            score: 0.6
            law: 0.5
            baselines: [ 0.3, 0.4, 0.42 ]
            prompt_distance: 1.5
          }
        }
        distances {
          upper: 0.693
          law { mae: 0.05 }
          baselines { mae: 0.2 }
          baselines { mae: 0.1 }
          baselines { mae: 0.08 }
        }
        distances {
          lower: 0.693
          upper: 1.6
          law { mae: 0.1 }
          baselines { mae: 0.3 }
          baselines { mae: 0.2 }
          baselines { mae: 0.18 }
        }
        verdict { sentence: "A line wins." }
      )pb",
      &backtest));
  return backtest;
}

TEST(SvgBacktestTest, DrawsErrorsOfThreePredictorsAndMeansWithBands) {
  const std::string svg = RenderSvg(Sample());
  EXPECT_THAT(svg, HasSubstr("a &lt; b: predictions of held-out rows"));
  EXPECT_THAT(svg, HasSubstr("A line wins."));
  // Two means with an error each of three predictors, and their scores; one of them has a band.
  EXPECT_EQ(Count(svg, "<circle"), 3 * 2 + 2);
  EXPECT_EQ(Count(svg, "<polyline"), 3);
}

TEST(SvgBacktestTest, DrawsABacktestWithoutFoldsThatWereFitted) {
  v1::Backtest backtest;
  backtest.add_folds()->set_reason("no record is left to fit");
  const std::string svg = RenderSvg(backtest);
  EXPECT_THAT(svg, HasSubstr("</svg>"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace ctxfit
