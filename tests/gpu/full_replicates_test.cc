#include <cuda_runtime_api.h>

#include <cmath>
#include <vector>

#include "kernels/backend/cuda/device_weights.h"
#include "kernels/backend/cuda/refit_over_cells.h"
#include "kernels/descent/refine.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/resample/unit_weights.h"
#include "tests/gpu/gpu_test.h"
#include "tests/gpu/option_sets.h"
#include "tests/gpu/refits.h"

namespace ctxfit {
namespace {

RefitProblem MakeProblem(const OptionSet& set, int replicates) {
  const FitOptions options = OptionsOf(set);
  const Simulation simulation = WithAllParts(set);
  RefitProblem problem;
  problem.cells = CellsFor(options, simulation, Units::kKeep);
  problem.domain = MakeDomain(options);
  Point start = simulation.law.point;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!problem.domain.free[i]) start.at[i] = problem.domain.lower.at[i];
  }
  ThreadPool pool(1);
  const HostCompute host = {BestVectorKernels(), pool};
  const Refinement refined = Refine(problem.cells, problem.domain, {start}, host, StopSignal()).value();
  problem.request = {refined.point, replicates, {77, set.weights}, {}};
  problem.request.criteria.variance = ResidualVariance(problem.cells, refined.final_cost, problem.domain.free_count());
  return problem;
}

class CudaOptionReplicatesTest : public GpuTest, public testing::WithParamInterface<OptionSet> {};

// Both backends take the same steps up to rounding in double precision. Where that decides whether a last step is
// taken, the ends differ by that step: each lies within sqrt(1e-6) standard errors of the optimum, by the replicate's
// own normal equations. These differ from end to end, and the descent under Huber's loss converges linearly; hence the
// half.
TEST_P(CudaOptionReplicatesTest, AgreeWithTheCpu) {
  const RefitProblem problem = MakeProblem(GetParam(), 12);
  const ReplicateFits on_gpu = Refit(*OpenBackend(), problem);
  const ReplicateFits on_cpu = Refit(*MakeCpuBackend(), problem);
  EXPECT_EQ(on_gpu.converged, on_cpu.converged);
  Cells weighed = problem.cells;
  for (int b = 0; b < problem.request.replicates; ++b) {
    weighed.weight = ReplicateCellWeights(problem.cells, problem.request.weights, b, StopSignal());
    const NormalEquations equations = Linearize(weighed, on_cpu.points[b]);
    const double distance = SquaredDistance(equations, problem.domain, on_gpu.points[b], on_cpu.points[b]);
    EXPECT_LT(std::sqrt(distance / problem.request.criteria.variance), 1.5 * 2e-3) << "replicate " << b;
  }
}

INSTANTIATE_TEST_SUITE_P(Pairs, CudaOptionReplicatesTest, testing::ValuesIn(PairwiseOptionSets()),
                         testing::PrintToStringParamName());

using CudaFullReplicatesTest = GpuTest;

std::vector<double> ToHost(const CudaDevice& device, const double* data, std::size_t count) {
  std::vector<double> values(count);
  EXPECT_EQ(cudaMemcpyAsync(values.data(), data, count * sizeof(double), cudaMemcpyDeviceToHost, device.stream()),
            cudaSuccess);
  EXPECT_EQ(device.Wait(), absl::OkStatus());
  return values;
}

TEST_F(CudaFullReplicatesTest, TheSameRefitTwiceHasTheSameBits) {
  const RefitProblem problem =
      MakeProblem({Loss::kBernoulli, FittedPart::kAll, Resampling::kTwoWay, WeightKind::kMultinomial}, 20);
  const auto backend = OpenBackend();
  ExpectSameBits(Refit(*backend, problem), Refit(*backend, problem));
}

TEST_F(CudaFullReplicatesTest, TablesHoldTheBitsOfTheCpusWeights) {
  const auto device = OpenDevice();
  ThreadPool pool(2);
  for (const OptionSet& set : PairwiseOptionSets()) {
    const Cells cells = CellsFor(OptionsOf(set), WithAllParts(set), Units::kKeep);
    const WeightScheme scheme = {5, set.weights};
    EXPECT_EQ(AreDrawnInKernels(cells, scheme), set.weights == WeightKind::kExponential &&
                                                    set.resampling != Resampling::kTwoWay &&
                                                    set.resampling != Resampling::kStratified);
    constexpr std::int32_t kReplicates[] = {7, 0, 3};
    const auto weights = DeviceWeights::Draw(device, cells, scheme, kReplicates, pool, StopSignal()).value();
    const std::vector<double> units = ToHost(*device, weights.view().unit, 3 * cells.unit_count);
    const std::vector<double> second_units = ToHost(*device, weights.view().unit_2, 3 * cells.unit_2_count);
    for (int row = 0; row < 3; ++row) {
      const std::vector<double> expected = ReplicateCellWeights(cells, scheme, kReplicates[row], StopSignal());
      for (std::size_t i = 0; i < cells.size(); ++i) {
        double weight = cells.weight[i] * units[row * cells.unit_count + cells.unit[i]];
        if (!cells.unit_2.empty()) weight *= second_units[row * cells.unit_2_count + cells.unit_2[i]];
        ASSERT_EQ(weight, expected[i]) << "cell " << i << " of replicate " << kReplicates[row];
      }
    }
  }
}

TEST_F(CudaFullReplicatesTest, TablesHaveRoomForAtLeastOneReplicateAndNoMoreThanAsked) {
  Cells cells;
  cells.unit_count = 1 << 24;
  cells.unit_2_count = 1 << 24;
  EXPECT_EQ(ReplicatesPerTable(cells, 1000), 1);
  cells.unit_2_count = 0;
  EXPECT_EQ(ReplicatesPerTable(cells, 1000), 2);
  cells.unit_count = 50;
  EXPECT_EQ(ReplicatesPerTable(cells, 1000), 1000);
  EXPECT_EQ(ReplicatesPerTable(cells, 1000, 149), 2);
}

TEST_F(CudaFullReplicatesTest, HowManyReplicatesShareATableChangesNoBits) {
  const auto device = OpenDevice();
  ThreadPool pool(1);
  for (const FittedPart part : {FittedPart::kFactors, FittedPart::kFloor}) {
    const RefitProblem problem = MakeProblem({Loss::kSquared, part, Resampling::kTwoWay, WeightKind::kPoisson}, 7);
    const auto refit = [&](std::int64_t max_weights) {
      return RefitOverCells(device, problem.cells, problem.domain, problem.request, {0, 1, 2, 4, 6}, pool, StopSignal(),
                            max_weights)
          .value();
    };
    const std::vector<LmState> together = refit(kMaxWeights);
    const std::vector<LmState> in_pairs = refit(2 * (problem.cells.unit_count + problem.cells.unit_2_count));
    ASSERT_EQ(in_pairs.size(), 5u);
    for (std::size_t b = 0; b < in_pairs.size(); ++b) {
      EXPECT_TRUE(together[b].converged);
      EXPECT_EQ(in_pairs[b].iterations, together[b].iterations);
      for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(in_pairs[b].best.at[i], together[b].best.at[i]);
    }
  }
}

TEST_F(CudaFullReplicatesTest, AStopSignalEndsTheDrawing) {
  const OptionSet set = {Loss::kSquared, FittedPart::kFactors, Resampling::kTwoWay, WeightKind::kPoisson};
  const RefitProblem problem = MakeProblem(set, 20);
  StopSignal stop;
  stop.Cancel();
  const auto fits = OpenBackend()->RefitReplicates(problem.cells, problem.domain, problem.request, stop);
  EXPECT_EQ(fits.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace ctxfit
