// Inverted laws against what SciPy finds with root finders and a scalar search on the formula; scipy_solutions.py made
// the results beside this file.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/law/fitted_law.h"
#include "kernels/predict/inverse.h"

namespace ctxfit {
namespace {

constexpr double kComputeReference = 1e23;

Law LawOf(const nlohmann::json& solution) {
  Law law = {{{std::log(solution.at("a").get<double>()), solution.at("alpha"), std::log(solution.at("b").get<double>()),
               solution.at("beta")}},
             {kComputeReference, solution.at("prompt_reference")},
             {Penalty::Form::kRatio, solution.at("width"), solution.at("onset")}};
  law.point.at[kFloor] = solution.at("floor");
  law.point.at[kHeadroom] = 1 - solution.at("ceiling").get<double>();
  return law;
}

TEST(SolveOracleTest, FindsTheSolutionsOfScipy) {
  std::ifstream file(CTXFIT_SCIPY_SOLUTIONS);
  const nlohmann::json solutions = nlohmann::json::parse(file).at("solutions");
  ASSERT_EQ(solutions.size(), 40u);
  for (const nlohmann::json& solution : solutions) {
    SCOPED_TRACE(solution.dump());
    const Law law = LawOf(solution);
    const double log_prompt_reference = std::log(law.references.prompt_tokens);
    const double compute = kComputeReference * std::exp(0.5);
    const PromptWindow window = FindPromptWindow(law, solution.at("target"), compute, solution.at("limit"));
    // SciPy's scalar search ends within 1e-8 of the maximum, the square root of the roundings that hide it there, where
    // the score is lower by less than 1e-15 times its curvature.
    EXPECT_NEAR(window.highest_score, solution.at("highest_score"), 1e-12);
    // Both ends to 1e-12 by the engine; 1e-14 of a score by a slope of at least 1e-3 per ln n in either program.
    EXPECT_NEAR(window.log_shortest - log_prompt_reference, solution.at("log_least"), 2e-11);
    EXPECT_NEAR(window.log_longest - log_prompt_reference, solution.at("log_most"), 2e-11);
    const double prompt = std::exp(solution.at("log_prompt").get<double>() + log_prompt_reference);
    EXPECT_NEAR(LogLeastCompute(law, solution.at("target"), prompt, solution.at("limit")) - std::log(kComputeReference),
                solution.at("log_least_compute"), 2e-11);
  }
}

}  // namespace
}  // namespace ctxfit
