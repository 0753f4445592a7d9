#include "kernels/statistics/identification/penalty_evidence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "kernels/data/cells.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/objective/linearization.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

FitOptions WithFittedWidth() {
  FitOptions options;
  options.penalty = {Penalty::Form::kRatio, 0.1, 1};
  options.fit_penalty_width = true;
  options.bootstrap.replicates = 0;
  return options;
}

// Scores of `penalty` on prompts of up to 0.7 of their limit.
Observations BelowTheLimit(const Penalty& penalty, double noise) {
  Simulation simulation;
  simulation.noise = 0;
  ObservationTable table = Simulate(simulation);
  simulation.law.penalty = penalty;
  std::mt19937 random(1);
  std::normal_distribution<double> error(0, noise);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.context_limit_tokens[row] = table.prompt_tokens[row] / (0.1 + 0.003 * static_cast<double>(row % 201));
    const double expected = Predict(simulation.law, table.training_compute_flops[row], table.prompt_tokens[row],
                                    table.context_limit_tokens[row]);
    table.score[row] = std::clamp(expected + error(random), 0.0, 1.0);
  }
  return OnlyTask(table);
}

struct Evidence {
  TaskFit fit;
  double deviance;
  double refitted;  // the deviance by a refit without a penalty
};

Evidence Examine(const Observations& observations) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  const FitOptions options = WithFittedWidth();
  FitOptions without = options;
  without.penalty = {.form = Penalty::Form::kNone};
  without.fit_penalty_width = false;
  Evidence evidence;
  evidence.fit = FitTask(*backend, observations, options, StopSignal()).value();
  const double cost = FitTask(*backend, observations, without, StopSignal()).value().refinement.final_cost;
  const Domain domain = MakeDomain(options);
  const Cells cells =
      Collapse(observations, evidence.fit.law.references, options.penalty, Units::kMerge, LawFormFor(domain));
  evidence.deviance = PenaltyDeviance(cells, domain, evidence.fit.law.point, evidence.fit.dispersion);
  evidence.refitted = (cost - evidence.fit.refinement.final_cost) / evidence.fit.dispersion;
  return evidence;
}

// One step of Gauss and Newton is too short for the others to take over what a refit lets them: up to twice the
// deviance.
TEST(PenaltyEvidenceTest, TheDevianceIsAboutThatOfARefitWithoutThePenalty) {
  const Evidence evidence = Examine(BelowTheLimit({Penalty::Form::kRatio, 0.2, 1}, 0.02));
  EXPECT_GT(evidence.refitted, 20);
  EXPECT_GE(evidence.deviance, evidence.refitted);
  EXPECT_LT(evidence.deviance, 2.5 * evidence.refitted);
  EXPECT_TRUE(evidence.fit.diagnostics.identified[kLogPenaltyWidth]);
}

TEST(PenaltyEvidenceTest, AWidthThatTheDataDoNotShowIsNotIdentified) {
  const Evidence evidence = Examine(BelowTheLimit({Penalty::Form::kNone}, 0.1));
  EXPECT_LT(evidence.refitted, 6);
  EXPECT_LT(evidence.deviance, 6);
  EXPECT_FALSE(evidence.fit.diagnostics.identified[kLogPenaltyWidth]);
}

}  // namespace
}  // namespace ctxfit
