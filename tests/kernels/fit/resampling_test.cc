#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "tests/kernels/batching_backend.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

TaskFit Fit(const ObservationTable& table, const FitOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  const std::vector<Observations> tasks = ValidateAndSplit(table, options.bootstrap.resampling).value();
  return FitTasks(*backend, tasks, options, StopSignal(), [](const FitProgress&) {}).value().at(0);
}

const Estimate& Find(const TaskFit& fit, const std::string& name) {
  for (const Estimate& estimate : fit.estimates) {
    if (estimate.name == name) return estimate;
  }
  throw std::out_of_range(name);
}

FitOptions Stratified() {
  FitOptions options;
  options.bootstrap.resampling = Resampling::kStratified;
  return options;
}

TEST(StratifiedTest, UnitsOfStrataAreNumberedLevelByLevel) {
  Simulation simulation;
  simulation.models = 3;
  simulation.per_model = 40;
  const Observations observations = ValidateAndSplit(Simulate(simulation), Resampling::kStratified).value().at(0);
  EXPECT_THAT(observations.stratum_begin, ElementsAre(0, 40, 80, 120));
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    const auto level = std::lround(std::log(observations.covariates[k].compute / 1e21) / std::log(3));
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      EXPECT_EQ(observations.unit[row] / 40, level);
    }
  }
}

TEST(StratifiedTest, AClusterInSeveralStrataIsRefused) {
  Simulation simulation;
  simulation.clusters = 10;
  const absl::Status status = ValidateAndSplit(Simulate(simulation), Resampling::kStratified).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("must lie in one model level"));
}

TEST(StratifiedTest, PoissonCountsInStrataAreRefused) {
  FitOptions options = Stratified();
  options.bootstrap.weights = WeightKind::kPoisson;
  EXPECT_THAT(std::string(Validate(options).message()), HasSubstr("options.bootstrap.weights = POISSON"));
}

// Strata keep the effects of levels: with a law that misses these, scores spread less within levels than over records.
TEST(StratifiedTest, StratifiedErrorsLeaveOutTheSpreadBetweenLevels) {
  Simulation simulation;
  simulation.per_model = 200;
  ObservationTable table = Simulate(simulation);
  for (std::size_t i = 0; i < table.score.size(); ++i) {
    const auto model = static_cast<int>(i) / simulation.per_model;
    table.score[i] = std::fmin(1, std::fmax(0, table.score[i] + (model % 2 == 0 ? 0.1 : -0.1)));
  }
  FitOptions records;
  records.bootstrap.resampling = Resampling::kRecord;
  const Estimate over_records = Find(Fit(table, records), "compute_exponent");
  const TaskFit within = Fit(table, Stratified());
  const Estimate& within_levels = Find(within, "compute_exponent");
  EXPECT_EQ(within.bootstrap.stratum_count, 5);
  EXPECT_LT(*within_levels.standard_error, 0.8 * *over_records.standard_error);
  // 1,000 replicates give a standard error within 2.2 %; linearisation and 200 records a level add to that.
  EXPECT_NEAR(*within_levels.sandwich_standard_error, *within_levels.standard_error,
              0.12 * *within_levels.standard_error);
}

TEST(StratifiedTest, AStratumOfOneUnitIsWarnedOf) {
  Simulation simulation;
  ObservationTable table = Simulate(simulation);
  table.training_compute_flops.back() *= 7;
  EXPECT_THAT(Fit(table, Stratified()).diagnostics.warnings,
              Contains(HasSubstr("1 of 6 model levels have one record only")));
}

TEST(GlobalReplicatesTest, GlobalReplicatesConfirmTheLocalRefitsOfAGoodDesign) {
  Simulation simulation;
  simulation.clusters = 40;
  simulation.per_model = 80;
  FitOptions options;
  options.bootstrap.replicates = 60;
  const TaskFit local = Fit(Simulate(simulation), options);
  options.bootstrap.global_replicates = 25;
  const TaskFit global = Fit(Simulate(simulation), options);
  EXPECT_EQ(global.bootstrap.global.count, 25);
  EXPECT_EQ(global.bootstrap.global.agreeing_count, 25);
  EXPECT_EQ(global.bootstrap.global.better_count, 0);
  EXPECT_EQ(global.replicates.points[3].at[kComputeExponent], local.replicates.points[3].at[kComputeExponent]);
}

// Few, noisy records leave several basins, between which replicates change.
Simulation FewNoisyRecords() {
  Simulation simulation;
  simulation.per_model = 8;
  simulation.noise = 0.25;
  simulation.clusters = 8;
  return simulation;
}

TEST(GlobalReplicatesTest, GlobalReplicatesFindOptimaThatLocalRefitsMiss) {
  Simulation simulation = FewNoisyRecords();
  FitOptions options;
  options.bootstrap.replicates = 60;
  options.bootstrap.global_replicates = 60;
  int better = 0;
  for (unsigned seed = 1; seed <= 5; ++seed) {
    simulation.seed = seed;
    const TaskFit fit = Fit(Simulate(simulation), options);
    better += fit.bootstrap.global.better_count;
    if (fit.bootstrap.global.better_count > 0) {
      EXPECT_THAT(fit.diagnostics.warnings, Contains(HasSubstr("fitted from scratch ended at a lower cost")));
    }
  }
  EXPECT_GT(better, 0);
}

TEST(GlobalReplicatesTest, ReplicatesThatEvolveTogetherAreThoseOfEachAlone) {
  FitOptions options;
  options.bootstrap.replicates = 30;
  options.bootstrap.global_replicates = 20;
  const ObservationTable table = Simulate(FewNoisyRecords());
  BatchingBackend batching(7);
  const std::vector<Observations> tasks = ValidateAndSplit(table).value();
  const TaskFit together = FitTask(batching, tasks.front(), options, StopSignal()).value();
  const TaskFit apart = Fit(table, options);
  EXPECT_THAT(batching.started(), IsSupersetOf({7, 7, 6}));
  EXPECT_GT(apart.bootstrap.global.better_count, 0);
  EXPECT_EQ(together.bootstrap.global.better_count, apart.bootstrap.global.better_count);
  for (int b = 0; b < options.bootstrap.replicates; ++b) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      EXPECT_EQ(together.replicates.points[b].at[i], apart.replicates.points[b].at[i]) << b << ", " << i;
    }
  }
}

TEST(GlobalReplicatesTest, MoreGlobalReplicatesThanReplicatesAreRefused) {
  FitOptions options;
  options.bootstrap.replicates = 20;
  options.bootstrap.global_replicates = 21;
  EXPECT_THAT(std::string(Validate(options).message()),
              HasSubstr("options.bootstrap.global_replicates = 21: must be in [0, 20]"));
}

}  // namespace
}  // namespace ctxfit
