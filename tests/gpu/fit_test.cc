#include "kernels/fit/fit.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "kernels/data/split_tasks.h"
#include "kernels/law/options.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/same_fit.h"

namespace ctxfit {
namespace {

using CudaFitTest = GpuTest;

// The default options, but for a smaller population where it takes long.
FitOptions DefaultOptions() {
  FitOptions options;
  if (kEmulated) options.search.candidates = 128;
  return options;
}

TaskFit FitOn(Backend& backend, const Simulation& simulation, const FitOptions& options) {
  const auto observations = ValidateAndSplit(Simulate(simulation)).value();
  return FitTasks(backend, observations, options, StopSignal(), [](const FitProgress&) {}).value().at(0);
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
  const TaskFit on_gpu = FitOn(*MakeCudaBackend().value(), simulation, options);
  const TaskFit on_cpu = FitOn(*MakeCpuBackend(), simulation, options);
  EXPECT_TRUE(on_gpu.refinement.converged);
  EXPECT_EQ(on_gpu.bootstrap.converged_count, 200);
  for (int i = 0; i < kCoordinateCount; ++i) {
    // The stated tolerance of a refined parameter across backends.
    const double value = on_cpu.law.point.at[i];
    EXPECT_NEAR(on_gpu.law.point.at[i], value, 1e-8 * std::max(1.0, std::abs(value))) << "coordinate " << i;
  }
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

TEST_F(CudaFitTest, TheSameFitTwiceHasTheSameBits) {
  Simulation simulation;
  simulation.clusters = 10;
  const auto backend = OpenBackend();
  const TaskFit first = FitOn(*backend, simulation, DefaultOptions());
  const TaskFit second = FitOn(*backend, simulation, DefaultOptions());
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

// The fit of a task does not depend on the device's other work.
TEST_F(CudaFitTest, ConcurrentTasksHaveTheBitsOfEachAlone) {
  ObservationTable table = Simulate({.per_model = 400});
  for (std::size_t row = 0; row < table.score.size(); ++row) table.task.push_back(absl::StrCat(row % 10));
  const std::vector<Observations> tasks = ValidateAndSplit(table).value();
  const auto backend = OpenBackend();
  const auto together = FitTasks(*backend, tasks, DefaultOptions(), StopSignal(), [](const FitProgress&) {});
  ASSERT_TRUE(together.ok()) << together.status();
  ASSERT_EQ(together->size(), 10u);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    ExpectSameFit((*together)[i], FitTask(*backend, tasks[i], DefaultOptions(), StopSignal()).value(), 0);
  }
}

}  // namespace
}  // namespace ctxfit
