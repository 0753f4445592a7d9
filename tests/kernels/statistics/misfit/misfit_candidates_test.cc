#include "kernels/statistics/misfit/misfit_candidates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"
#include "kernels/statistics/goodness.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

// Three computes with prompts of 100 to 900 tokens, and at the largest compute one at and one beyond a limit of 1,000.
ObservationTable NinePromptsAtThreeComputes() {
  ObservationTable table;
  const auto add = [&](double compute, double prompt) {
    table.training_compute_flops.push_back(compute);
    table.prompt_tokens.push_back(prompt);
    table.context_limit_tokens.push_back(1000);
    table.score.push_back(0.5);
  };
  for (const double compute : {1e21, 1e22, 1e23}) {
    for (int i = 1; i <= 9; ++i) add(compute, 100 * i);
  }
  add(1e23, 1000);
  add(1e23, 2000);
  return table;
}

struct Listed {
  explicit Listed(const ObservationTable& table)
      : observations(OnlyTask(table)),
        expected(ExpectedScores(observations, Simulation().law)),
        terms(observations, Simulation().law, expected, {}, kNone),
        candidates(ListMisfitCandidates(terms, observations)) {}

  // The rows on which the term of the candidate at `at` of that kind is not 0.
  std::size_t RowsOf(MisfitKind kind, std::size_t at = 0) const {
    std::size_t rows = 0;
    const MisfitCandidate& candidate = Get(kind, at);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      if (candidate.term(k) != 0) rows += observations.row_begin[k + 1] - observations.row_begin[k];
    }
    return rows;
  }
  std::size_t Count(MisfitKind kind) const {
    return std::count_if(candidates.begin(), candidates.end(), [kind](const auto& each) { return each.kind == kind; });
  }
  const MisfitCandidate& Get(MisfitKind kind, std::size_t at = 0) const {
    for (const MisfitCandidate& candidate : candidates) {
      if (candidate.kind == kind && at-- == 0) return candidate;
    }
    ADD_FAILURE() << "no such candidate";
    return candidates.front();
  }

  static constexpr bool kNone[kCoordinateCount]{};
  Observations observations;
  std::vector<double> expected;
  AddedTerms terms;
  std::vector<MisfitCandidate> candidates;
};

TEST(MisfitCandidatesTest, GroupsAreLevelsThirdsAndBothBelowTheLimitAndTheSidesOfIt) {
  const Listed listed(NinePromptsAtThreeComputes());
  EXPECT_EQ(listed.RowsOf(MisfitKind::kAllRows), 27u);
  EXPECT_EQ(listed.RowsOf(MisfitKind::kAtLimit), 1u);
  EXPECT_EQ(listed.RowsOf(MisfitKind::kBeyondLimit), 1u);
  EXPECT_EQ(listed.Count(MisfitKind::kComputeGroup), 3u);
  EXPECT_EQ(listed.Count(MisfitKind::kThird), 3u);
  EXPECT_EQ(listed.Count(MisfitKind::kComputeGroupAndThird), 9u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(listed.RowsOf(MisfitKind::kComputeGroup, i), 9u);
    EXPECT_EQ(listed.RowsOf(MisfitKind::kThird, i), 9u);
  }
  EXPECT_EQ(listed.RowsOf(MisfitKind::kComputeGroupAndThird, 4), 3u);
  EXPECT_EQ(listed.Get(MisfitKind::kThird, 1).prompt_tokens.lower, 400);
  EXPECT_EQ(listed.Get(MisfitKind::kThird, 1).prompt_tokens.upper, 600);
}

TEST(MisfitCandidatesTest, SumsOfGroupsAreThoseOfTheirTerms) {
  const Listed listed(NinePromptsAtThreeComputes());
  for (const MisfitCandidate& candidate : listed.candidates) {
    const TermSums sums = listed.terms.Sum(candidate.term, TermMetric::kResidual);
    EXPECT_EQ(candidate.sums.weight, sums.weight);
    EXPECT_NEAR(candidate.sums.pull, sums.pull, 1e-14);
  }
}

TEST(MisfitCandidatesTest, ATrendIsTheLogarithmAboutItsMeanAndABendItsSquare) {
  const Listed listed(NinePromptsAtThreeComputes());
  const AddedTerms::Term& trend = listed.Get(MisfitKind::kComputeTrend).term;
  const AddedTerms::Term& bend = listed.Get(MisfitKind::kComputeBend).term;
  for (std::size_t k = 0; k < listed.expected.size(); ++k) {
    const Covariates& at = listed.observations.covariates[k];
    const double expected = at.prompt < 1000 ? std::log(at.compute / 1e22) : 0;
    EXPECT_NEAR(trend(k), expected, 1e-12);
    EXPECT_NEAR(bend(k), expected * expected, 1e-12);
  }
}

TEST(MisfitCandidatesTest, OneComputeHasNoLevels) {
  ObservationTable table = NinePromptsAtThreeComputes();
  table.training_compute_flops.assign(table.score.size(), 1e22);
  const Listed listed(table);
  EXPECT_EQ(listed.Count(MisfitKind::kComputeGroup), 0u);
  EXPECT_EQ(listed.Count(MisfitKind::kComputeGroupAndThird), 0u);
  EXPECT_EQ(listed.Count(MisfitKind::kThird), 3u);
}

TEST(MisfitCandidatesTest, WithoutRowsBelowTheLimitThereAreNoThirdsNorTrends) {
  ObservationTable table = NinePromptsAtThreeComputes();
  table.context_limit_tokens.assign(table.score.size(), 50);
  const Listed listed(table);
  EXPECT_EQ(listed.Count(MisfitKind::kThird), 0u);
  EXPECT_EQ(listed.Count(MisfitKind::kPromptTrend), 0u);
  EXPECT_EQ(listed.RowsOf(MisfitKind::kBeyondLimit), 29u);
}

}  // namespace
}  // namespace ctxfit
