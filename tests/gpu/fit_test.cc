#include "kernels/fit/fit.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/options.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/option_sets.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/same_fit.h"
#include "tests/oracle/data_sets.h"

namespace ctxfit {
namespace {

using CudaFitTest = GpuTest;

// The default options, but for a smaller population where it takes long.
FitOptions DefaultOptions() {
  FitOptions options;
  if (kEmulated) options.search.candidates = 128;
  return options;
}

TaskFit FitOn(Backend& backend, const ObservationTable& table, const FitOptions& options) {
  return FitTask(backend, OnlyTask(table, options.bootstrap.resampling), options, StopSignal()).value();
}

// Expects refined parameters within 1e-8, the stated tolerance across backends.
void ExpectSameParameters(const TaskFit& on_gpu, const TaskFit& on_cpu) {
  EXPECT_TRUE(on_gpu.refinement.converged) << on_gpu.refinement.termination_message;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const double value = on_cpu.law.point.at[i];
    EXPECT_NEAR(on_gpu.law.point.at[i], value, 1e-8 * std::max(1.0, std::abs(value))) << "coordinate " << i;
  }
}

class CudaFitParityTest : public GpuTest, public testing::WithParamInterface<unsigned> {};

TEST_P(CudaFitParityTest, RefinedParametersAndIntervalsAreTheCpus) {
  Simulation simulation;
  simulation.per_model = 300;
  simulation.clusters = 50;
  simulation.noise = 0.05;
  simulation.seed = GetParam();
  FitOptions options = DefaultOptions();
  options.bootstrap.replicates = 200;
  const TaskFit on_gpu = FitOn(*MakeCudaBackend().value(), Simulate(simulation), options);
  const TaskFit on_cpu = FitOn(*MakeCpuBackend(), Simulate(simulation), options);
  ExpectSameParameters(on_gpu, on_cpu);
  EXPECT_EQ(on_gpu.bootstrap.converged_count, 200);
  ASSERT_EQ(on_gpu.estimates.size(), on_cpu.estimates.size());
  for (std::size_t i = 0; i < on_cpu.estimates.size(); ++i) {
    const Estimate& gpu = on_gpu.estimates[i];
    const Estimate& cpu = on_cpu.estimates[i];
    SCOPED_TRACE(cpu.name);
    ASSERT_EQ(gpu.interval.has_value(), cpu.interval.has_value());
    if (!cpu.interval) continue;
    // Replicates end within a thousandth of a standard error of their optima on either backend, see replicates_test.cc.
    const double tolerance = 3e-3 * (cpu.interval->upper - cpu.interval->lower) / 3.92;
    EXPECT_NEAR(gpu.interval->lower, cpu.interval->lower, tolerance);
    EXPECT_NEAR(gpu.interval->upper, cpu.interval->upper, tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, CudaFitParityTest, testing::Range(1u, 7u));

// Options of a fit without replicates, and with a small search where it takes long.
FitOptions SmallSearch(FitOptions options) {
  options.bootstrap.replicates = 0;
  if (kEmulated) options.search.candidates = 32;
  if (kEmulated) options.search.max_generations = 20;
  return options;
}

class CudaFitOptionsTest : public GpuTest, public testing::WithParamInterface<OptionSet> {};

TEST_P(CudaFitOptionsTest, RefinedParametersAreTheCpus) {
  FitOptions options = SmallSearch(OptionsOf(GetParam()));
  options.bootstrap.replicates = 20;
  const ObservationTable table = Simulate(WithAllParts(GetParam()));
  const TaskFit on_gpu = FitOn(*MakeCudaBackend().value(), table, options);
  ExpectSameParameters(on_gpu, FitOn(*MakeCpuBackend(), table, options));
}

INSTANTIATE_TEST_SUITE_P(Pairs, CudaFitOptionsTest, testing::ValuesIn(PairwiseOptionSets()),
                         testing::PrintToStringParamName());

class CudaOracleSetTest : public GpuTest, public testing::WithParamInterface<int> {};

TEST_P(CudaOracleSetTest, RefinedParametersAreTheCpus) {
  const ObservationTable table = MakeDataSet(GetParam()).table;
  // Each of the three losses meets each of the three noises.
  FitOptions options;
  options.loss.loss = static_cast<Loss>(GetParam() / 3 % 3);
  options = SmallSearch(options);
  ExpectSameParameters(FitOn(*MakeCudaBackend().value(), table, options), FitOn(*MakeCpuBackend(), table, options));
}

INSTANTIATE_TEST_SUITE_P(Sets, CudaOracleSetTest, testing::Range(0, kDataSetCount, kEmulated ? 2 : 1));

void ExpectSameBits(const TaskFit& first, const TaskFit& second) {
  EXPECT_EQ(first.search.best_cost, second.search.best_cost);
  EXPECT_EQ(first.search.generation_count, second.search.generation_count);
  EXPECT_EQ(first.refinement.final_cost, second.refinement.final_cost);
  for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(first.law.point.at[i], second.law.point.at[i]);
  ASSERT_EQ(first.replicates.points.size(), second.replicates.points.size());
  for (std::size_t b = 0; b < first.replicates.points.size(); ++b) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      EXPECT_EQ(first.replicates.points[b].at[i], second.replicates.points[b].at[i]);
    }
  }
}

TEST_F(CudaFitTest, TheSameFitTwiceHasTheSameBits) {
  const ObservationTable table = Simulate({.clusters = 10});
  const auto backend = OpenBackend();
  ExpectSameBits(FitOn(*backend, table, DefaultOptions()), FitOn(*backend, table, DefaultOptions()));
}

TEST_F(CudaFitTest, TheSameFitOfTheFullFormTwiceHasTheSameBits) {
  const OptionSet set = {Loss::kHuber, FittedPart::kAll, Resampling::kTwoWay, WeightKind::kPoisson};
  FitOptions options = SmallSearch(OptionsOf(set));
  options.bootstrap.replicates = 20;
  const ObservationTable table = Simulate(WithAllParts(set));
  const auto backend = OpenBackend();
  ExpectSameBits(FitOn(*backend, table, options), FitOn(*backend, table, options));
}

// Fits rows, which the device sorts and collapses if they are `min_rows` or more.
TaskFit FitFromRows(const ObservationTable& table, const FitOptions& options, std::size_t min_rows) {
  const auto backend = MakeCudaBackend(0, min_rows).value();
  const StopSignal stop;
  const auto tasks = ValidateAndSplit(table, options.bootstrap.resampling, backend->Sorter(stop)).value();
  return FitTask(*backend, tasks.at(0), options, stop).value();
}

TEST_F(CudaFitTest, RowsSortedAndCollapsedOnTheDeviceGiveTheBitsOfTheHosts) {
  ObservationTable table = Simulate({.per_model = 300, .distinct_prompts = false, .clusters = 10});
  FitOptions options = SmallSearch({});
  options.bootstrap.replicates = 20;
  for (const Loss loss : {Loss::kSquared, Loss::kHuber, Loss::kBernoulli}) {
    options.loss.loss = loss;
    ExpectSameBits(FitFromRows(table, options, 0), FitFromRows(table, options, table.score.size() + 1));
    table.weight.assign(table.score.size(), 3);
  }
}

// The fit of a task does not depend on the device's other work.
TEST_F(CudaFitTest, ConcurrentTasksHaveTheBitsOfEachAlone) {
  ObservationTable table = Simulate({.per_model = 400});
  for (std::size_t row = 0; row < table.score.size(); ++row) table.task.push_back(absl::StrCat(row % 7 % 4));
  const std::vector<Observations> tasks = ValidateAndSplit(table).value();
  const auto backend = OpenBackend();
  const auto together = FitTasks(*backend, tasks, DefaultOptions(), StopSignal(), [](const FitProgress&) {});
  ASSERT_TRUE(together.ok()) << together.status();
  ASSERT_EQ(together->size(), 4u);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    ExpectSameFit((*together)[i], FitTask(*backend, tasks[i], DefaultOptions(), StopSignal()).value(), 0);
  }
}

}  // namespace
}  // namespace ctxfit
