#include "kernels/search/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

#include "kernels/backend/backend.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/refine.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/linearization.h"
#include "kernels/search/candidates.h"
#include "kernels/search/search_options.h"
#include "tests/kernels/scripted_backend.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

PopulationSummary Standing(double best, double mean) {
  PopulationSummary summary;
  summary.best_cost = best;
  summary.mean_cost = mean;
  return summary;
}

// 204 records and four parameters: 200 degrees of freedom, so that a best cost of 200 is a variance of 1.
Cells TwoHundredDegreesOfFreedom() {
  Simulation simulation;
  simulation.models = 4;
  simulation.per_model = 51;
  const Observations observations = OnlyTask(Simulate(simulation));
  Cells cells = Collapse(observations, ChooseReferences(observations, {}), {}, Units::kMerge);
  cells.within_cost = 0;
  return cells;
}

SearchResult RunScript(std::vector<PopulationSummary> script, const SearchOptions& options, double within_sse = 0,
                       const LawOptions& law = {}) {
  ScriptedBackend backend(std::move(script));
  Cells cells = TwoHundredDegreesOfFreedom();
  cells.within_cost = within_sse;
  return SearchGlobally(backend, cells, MakeDomain(law), options, 0, StopSignal(), [](int, double) {}).value();
}

TEST(SearchTerminationTest, ConvergesWhereTheSpreadIsSmallInDevianceUnits) {
  const SearchResult result = RunScript({Standing(200, 300), Standing(200, 200.11), Standing(200, 200.09)}, {});
  EXPECT_EQ(result.termination, SearchTermination::kConverged);
  EXPECT_EQ(result.generation_count, 2);
  EXPECT_THAT(result.termination_message, HasSubstr("(mean cost - best cost) / sigma^2 = 0.09 < 0.1"));
}

TEST(SearchTerminationTest, AConstantInTheLossChangesNothing) {
  // Gives a residual variance of 1 in two ways: within the cells, and as the cost that no law can explain.
  const SearchResult with = RunScript({Standing(0, 100), Standing(0, 0.11), Standing(0, 0.09)}, {}, 200);
  const SearchResult without = RunScript({Standing(200, 300), Standing(200, 200.11), Standing(200, 200.09)}, {});
  EXPECT_EQ(with.termination, without.termination);
  EXPECT_EQ(with.generation_count, without.generation_count);
}

TEST(SearchTerminationTest, StagnatesWhereTheBestStopsFalling) {
  SearchOptions options;
  options.stagnation_generations = 5;
  const SearchResult result =
      RunScript({Standing(250, 900), Standing(220, 900), Standing(200.05, 900), Standing(200, 900)}, options);
  EXPECT_EQ(result.termination, SearchTermination::kStagnated);
  EXPECT_EQ(result.generation_count, 7);  // five after generation 2, from which it falls by 0.05 only
  EXPECT_THAT(result.termination_message, HasSubstr("in 5 generations"));
}

TEST(SearchTerminationTest, EndsAtTheLimitOfGenerations) {
  SearchOptions options;
  options.max_generations = 6;
  const SearchResult result = RunScript({Standing(200, 900)}, options);
  EXPECT_EQ(result.termination, SearchTermination::kGenerationLimit);
  EXPECT_EQ(result.generation_count, 6);
}

TEST(SearchTerminationTest, HasNothingToFitWhereAllIsFixed) {
  LawOptions law;
  for (ParameterOptions& parameter : law.parameters) parameter.fixed = 0.5;
  const SearchResult result = RunScript({Standing(200, 900)}, {}, 0, law);
  EXPECT_EQ(result.termination, SearchTermination::kNothingToFit);
  EXPECT_EQ(result.evaluation_count, 0);
  ASSERT_EQ(result.starts.size(), 1u);
  EXPECT_EQ(result.starts[0].at[kComputeExponent], 0.5);
}

TEST(SearchTerminationTest, CancellationAndDeadlineAreErrors) {
  ScriptedBackend backend({Standing(200, 900)});
  const Cells cells = TwoHundredDegreesOfFreedom();
  const SearchOptions options;
  const Domain domain = MakeDomain({});
  StopSignal cancelled;
  cancelled.Cancel();
  EXPECT_EQ(SearchGlobally(backend, cells, domain, options, 0, cancelled, [](int, double) {}).status().code(),
            absl::StatusCode::kCancelled);
  const StopSignal late(absl::Now() - absl::Seconds(1));
  EXPECT_EQ(SearchGlobally(backend, cells, domain, options, 0, late, [](int, double) {}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

// Low scores of three models, with noise as large as they are: their laws have several optima, in which one factor or
// the other is saturated, constant or a step, and which lie within 2 deviance units of each other.
Cells LowScores(int per_model, unsigned seed) {
  Simulation simulation;
  simulation.law.point.at[kLogComputeCoefficient] = std::log(0.05);
  simulation.models = 3;
  simulation.per_model = per_model;
  simulation.noise = 0.05;
  simulation.seed = seed;
  const Observations observations = OnlyTask(Simulate(simulation));
  return Collapse(observations, ChooseReferences(observations, {}), {Penalty::Form::kNone}, Units::kMerge);
}

TEST(SearchTest, TheSeedDoesNotDecideTheOptimum) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  const Domain domain = MakeDomain({});
  for (const auto& [per_model, data_seed] : {std::pair(15, 6u), {15, 10u}, {15, 12u}, {20, 1u}, {20, 9u}, {20, 10u}}) {
    const Cells cells = LowScores(per_model, data_seed);
    double lowest = INFINITY;
    double highest = 0;
    for (int seed = 0; seed < 20; ++seed) {
      const SearchResult search =
          SearchGlobally(*backend, cells, domain, SearchOptions(), seed, StopSignal(), [](int, double) {}).value();
      const Refinement end = Refine(cells, domain, search.starts, backend->Host(), StopSignal()).value();
      EXPECT_TRUE(end.converged);
      lowest = std::min(lowest, end.final_cost);
      highest = std::max(highest, end.final_cost);
    }
    EXPECT_LE((highest - lowest) / ResidualVariance(cells, lowest, domain.free_count()), kAgreement)
        << per_model << " rows per model, set " << data_seed;
  }
}

// 2,000 rows, each with a prompt length of its own.
TEST(SearchTest, ObservationsAndBinsLeadToTheSameOptimum) {
  Simulation simulation;
  simulation.per_model = 500;
  const Observations observations = OnlyTask(Simulate(simulation));
  const Cells cells = Collapse(observations, ChooseReferences(observations, {}), {}, Units::kMerge);
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  const Domain domain = MakeDomain({});
  const auto search = [&](SearchOver over) {
    SearchOptions options;
    options.over = over;
    return SearchGlobally(*backend, cells, domain, options, 0, StopSignal(), [](int, double) {}).value();
  };
  const SearchResult observed = search(SearchOver::kObservations);
  const SearchResult binned = search(SearchOver::kBins);
  EXPECT_EQ(observed.over, SearchOver::kObservations);
  EXPECT_EQ(observed.cell_count, static_cast<std::int64_t>(cells.size()));
  EXPECT_EQ(binned.over, SearchOver::kBins);
  EXPECT_LT(binned.cell_count, observed.cell_count);
  EXPECT_EQ(search(SearchOver::kAuto).over, SearchOver::kBins);
  for (const SearchResult* result : {&observed, &binned}) EXPECT_GT(result->candidate_records_per_second, 0);
  const auto cost = [&](const SearchResult& result) {
    return Refine(cells, domain, result.starts, backend->Host(), StopSignal()).value().final_cost;
  };
  EXPECT_NEAR(cost(observed) / cost(binned), 1, 1e-12);
}

TEST(LatinHypercubeTest, PutsOneMemberInEveryStratum) {
  LawOptions options;
  options.parameters[kContextExponent].fixed = 0.7;
  const Domain domain = MakeDomain(options);
  const int count = 64;
  const std::vector<BasicPoint<float>> members = LatinHypercube(domain, count, 5);
  ASSERT_EQ(members.size(), 64u);
  for (int i = 0; i < kCoordinateCount; ++i) {
    std::set<int> strata;
    for (const BasicPoint<float>& member : members) {
      if (!domain.free[i]) {
        EXPECT_EQ(member.at[i], i == kContextExponent ? 0.7f : 0.0f);
        continue;
      }
      const double share = (member.at[i] - domain.lower.at[i]) / (domain.upper.at[i] - domain.lower.at[i]);
      strata.insert(static_cast<int>(std::floor(share * count)));
    }
    EXPECT_EQ(strata.size(), domain.free[i] ? 64u : 0u) << "coordinate " << i;
  }
}

TEST(LatinHypercubeTest, DependsOnTheSeed) {
  const Domain domain = MakeDomain({});
  EXPECT_EQ(LatinHypercube(domain, 32, 1)[7].at[0], LatinHypercube(domain, 32, 1)[7].at[0]);
  EXPECT_NE(LatinHypercube(domain, 32, 1)[7].at[0], LatinHypercube(domain, 32, 2)[7].at[0]);
}

TEST(BestDistinctTest, PrefersMembersThatAreApart) {
  const Domain domain = MakeDomain({});
  Population population;
  population.members = {{{0, 1, 0, 1}}, {{0, 1.001f, 0, 1}}, {{0, 5, 0, 1}}, {{0, 1, 0, 1}}, {{0, 9, 0, 1}}};
  population.costs = {1, 2, 3, 1, INFINITY};
  const std::vector<Point> best = BestDistinct(population, domain, 4);
  ASSERT_EQ(best.size(), 4u);
  EXPECT_EQ(best[0].at[1], 1);
  EXPECT_EQ(best[1].at[1], 5);
  EXPECT_EQ(best[2].at[1], 9);
  EXPECT_FLOAT_EQ(static_cast<float>(best[3].at[1]), 1.001f);  // close to the first, but not equal to it
}

}  // namespace
}  // namespace ctxfit
