#include "kernels/backend/cpu/replicates.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/base/aligned_vector.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/loss.h"
#include "kernels/objective/chunks.h"
#include "kernels/objective/linearization.h"
#include "kernels/resample/replicate_weights.h"
#include "tests/kernels/defaults.h"
#include "tests/kernels/simulated_data.h"
#include "tests/kernels/vector_variants.h"

namespace ctxfit {
namespace {

constexpr std::uint64_t kSeed = 12;

struct Data {
  Cells cells;
  Domain domain = DefaultDomain();
  Point start;
  double variance;
};

// Weighted records of 20 clusters, the coordinates of whose law are the start. With the full law, its penalty is
// gradual and is fitted, as are floor and ceiling.
Data SomeData(bool full = false) {
  Simulation simulation;
  simulation.clusters = 20;
  simulation.noise = 0.05;
  ObservationTable table = Simulate(simulation);
  for (std::size_t i = 0; i < table.score.size(); ++i) table.weight.push_back(0.2 + static_cast<double>(i % 7));
  Data data;
  const References references = {simulation.law.references};
  const Penalty penalty = full ? Penalty{Penalty::Form::kRatio, 0.2, 1.2} : Penalty();
  data.cells = Collapse(OnlyTask(table), references, penalty, Units::kKeep, {.full = full});
  data.start = simulation.law.point;
  if (full) data.start = {{-0.2, 0.4, 0.3, 0.6, 0.1, -0.1, 0.15, 0.05}};
  data.variance = ResidualVariance(data.cells, WeightedCost(data.cells, data.start), kFactorCoordinateCount);
  return data;
}

// The cells under the weights of a replicate.
Cells WeighedCells(const Cells& cells, std::uint32_t replicate) {
  Cells weighed = cells;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    weighed.weight[i] *= ReplicateWeight(kSeed, replicate, cells.unit[i]);
    if (cells.unit_2.empty()) continue;
    const RandomWords words = ReplicateWords(kSeed, replicate, cells.unit_2[i] / 4, Purpose::kSecondWeight);
    weighed.weight[i] *= ExponentialWeight(words.word[cells.unit_2[i] % 4]);
  }
  return weighed;
}

// The optimum of one replicate by undamped Gauss-Newton steps over dense residuals.
Point RefitDensely(const Data& data, std::uint32_t replicate) {
  const Cells cells = WeighedCells(data.cells, replicate);
  Eigen::VectorXd residuals(cells.size());
  Eigen::Matrix<double, Eigen::Dynamic, kFactorCoordinateCount, Eigen::RowMajor> jacobian(cells.size(), 4);
  Point point = data.start;
  for (int iteration = 0; iteration < 40; ++iteration) {
    WeightedResiduals(cells, point, residuals.data(), jacobian.data());
    const Eigen::Matrix4d hessian = jacobian.transpose() * jacobian;
    const Eigen::Vector4d step = -hessian.inverse() * (jacobian.transpose() * residuals);
    for (int i = 0; i < kFactorCoordinateCount; ++i) point.at[i] += step(i);
  }
  return point;
}

absl::StatusOr<ReplicateFits> Refit(const VectorKernels& kernels, int threads, const Data& data, int replicates,
                                    double tolerance = 1e-6, int max_iterations = 50) {
  ThreadPool pool(threads);
  const ReplicateRequest request{data.start, replicates, {kSeed}, {tolerance, data.variance, max_iterations}};
  return RefitCpuReplicates({kernels, pool}, data.cells, data.domain, request, StopSignal());
}

void ExpectSameBits(const ReplicateFits& a, const ReplicateFits& b, std::size_t count) {
  for (std::size_t replicate = 0; replicate < count; ++replicate) {
    EXPECT_EQ(a.converged[replicate], b.converged[replicate]);
    for (int i = 0; i < kCoordinateCount; ++i) EXPECT_EQ(a.points[replicate].at[i], b.points[replicate].at[i]);
  }
}

// Each case runs with every instruction set of this machine.
class CpuReplicatesTest : public testing::TestWithParam<VectorVariant> {};

TEST_P(CpuReplicatesTest, ReplicatesEndAtTheOptimaOfADenseSolver) {
  const Data data = SomeData();
  // A replicate ends within sqrt(1e-12) standard errors, which are below 0.1. Nothing much tighter can be had: a cost
  // of 200 variances is rounded to 4e-14 of them.
  const ReplicateFits fits = Refit(*GetParam().kernels, 2, data, 20, 1e-12).value();
  ASSERT_EQ(fits.points.size(), 20u);
  for (std::uint32_t replicate = 0; replicate < 20; ++replicate) {
    EXPECT_TRUE(fits.converged[replicate]);
    const Point expected = RefitDensely(data, replicate);
    for (int i = 0; i < kFactorCoordinateCount; ++i) {
      EXPECT_NEAR(fits.points[replicate].at[i], expected.at[i], 1e-7) << "replicate " << replicate;
      EXPECT_GT(std::abs(expected.at[i] - data.start.at[i]), 1e-5);
    }
  }
}

TEST_P(CpuReplicatesTest, TwoWayWeightsAreProducts) {
  Data data = SomeData();
  data.cells.unit_2_count = 7;
  for (std::size_t i = 0; i < data.cells.size(); ++i) data.cells.unit_2.push_back(static_cast<int>(i % 7));
  const ReplicateFits fits = Refit(*GetParam().kernels, 2, data, 10, 1e-12).value();
  for (std::uint32_t replicate = 0; replicate < 10; ++replicate) {
    const Point expected = RefitDensely(data, replicate);
    for (int i = 0; i < kFactorCoordinateCount; ++i) {
      EXPECT_NEAR(fits.points[replicate].at[i], expected.at[i], 1e-7) << "replicate " << replicate;
    }
  }
}

// With one law for all weights, the three kinds estimate the same spread: 400 replicates know a standard deviation
// within 3.5 % (one standard deviation), and kinds differ by what 20 units leave of their higher moments.
TEST_P(CpuReplicatesTest, WeightsOfEveryKindSpreadAlike) {
  const Data data = SomeData();
  const auto spread = [&](WeightKind kind) {
    ThreadPool pool(2);
    ReplicateRequest request{data.start, 400, {kSeed}, {1e-6, data.variance, 50}};
    request.weights.kind = kind;
    const ReplicateFits fits =
        RefitCpuReplicates({*GetParam().kernels, pool}, data.cells, data.domain, request, StopSignal()).value();
    double sum = 0;
    double squares = 0;
    for (const Point& point : fits.points) {
      sum += point.at[kContextExponent];
      squares += point.at[kContextExponent] * point.at[kContextExponent];
    }
    return std::sqrt(squares / 400 - sum / 400 * sum / 400);
  };
  const double exponential = spread(WeightKind::kExponential);
  EXPECT_NEAR(spread(WeightKind::kPoisson), exponential, 0.25 * exponential);
  EXPECT_NEAR(spread(WeightKind::kMultinomial), exponential, 0.25 * exponential);
}

TEST(ReplicateWeightsTest, PoissonCountsHaveTheirProbabilities) {
  constexpr int kDraws = 100000;
  int counts[5] = {};
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    const int count = static_cast<int>(PoissonWeight(Draw(3, Purpose::kReplicateWeight, 0, i).word[0]));
    ++counts[std::min(count, 4)];
  }
  const double probabilities[] = {0.36788, 0.36788, 0.18394, 0.06131, 0.01899};
  // Five standard deviations of a binomial count.
  for (int k = 0; k < 5; ++k)
    EXPECT_NEAR(counts[k], kDraws * probabilities[k], 5 * std::sqrt(kDraws * probabilities[k]));
}

TEST_P(CpuReplicatesTest, NeitherTheBatchNorThreadsChangeABit) {
  const Data data = SomeData();
  const ReplicateFits all = Refit(*GetParam().kernels, 1, data, 37).value();
  ExpectSameBits(Refit(*GetParam().kernels, 3, data, 37).value(), all, 37);
  ExpectSameBits(Refit(*GetParam().kernels, 2, data, 3).value(), all, 3);
}

void ExpectLanesAreAlike(const VectorKernels& kernels, const Data& data) {
  AlignedVector<double> coordinates(kCoordinateCount * kReplicateLanes), sums(45 * kReplicateLanes);
  AlignedVector<double> weights(data.cells.unit_count * kReplicateLanes, 1.0);
  AlignedVector<double> factors(2 * data.cells.log_compute.size() * kReplicateLanes);
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    coordinates[i] = i % kReplicateLanes % 3 == 0 ? data.start.at[i / kReplicateLanes] : 0.1 * (i % kReplicateLanes);
  }
  const Chunks chunks = CutIntoChunks(data.cells, StopSignal()).value();
  kernels.compute_factors_with_slopes(coordinates.data(), data.cells.log_compute.data(), data.cells.log_compute.size(),
                                      factors.data());
  kernels.add_normal_equations(
      {chunks.prompts.data(), data.cells.log_compute.data(), data.cells.compute.data(), data.cells.unit.data(), nullptr,
       data.cells.weight.data(), data.cells.score.data(), data.cells.penalty.data(),
       data.cells.full() ? data.cells.excess.data() : nullptr, 0, chunks.prompts.size() - 1, coordinates.data(),
       factors.data(), weights.data(), nullptr, data.cells.loss},
      sums.data());
  NormalEquations exact = Linearize(data.cells, data.start);
  if (data.cells.loss.loss == Loss::kBernoulli) {
    for (std::size_t i = 0; i < data.cells.size(); ++i) {
      exact.cost -= data.cells.weight[i] * SaturatedCost(data.cells.score[i]);
    }
  }
  const int count = data.cells.coordinate_count();
  const int packed = count * (count + 1) / 2;
  for (int row = 0; row < packed + count + 1; ++row) {
    const double* lanes = sums.data() + row * kReplicateLanes;
    EXPECT_EQ(lanes[0], lanes[3]);
    EXPECT_EQ(lanes[0], lanes[6]);
    EXPECT_NE(lanes[0], lanes[1]);
    const double expected = row < packed ? exact.jtj[row] : row < packed + count ? exact.jtr[row - packed] : exact.cost;
    // 200 terms of either sign, each off by some ten roundings; none exceeds the largest diagonal element.
    const double largest = std::max(exact.jtj[PackedIndex(0, 0)], exact.jtj[PackedIndex(kFloor, kFloor)]);
    EXPECT_NEAR(lanes[0], expected, 200 * 10 * 0x1p-52 * largest) << "row " << row;
  }
}

// A replicate's neighbours are all replicates of the same block: they are exchanged by shifting its position.
TEST_P(CpuReplicatesTest, TheLaneDoesNotChangeABit) {
  for (const bool full : {false, true}) {
    SCOPED_TRACE(full ? "full law" : "factors");
    ExpectLanesAreAlike(*GetParam().kernels, SomeData(full));
  }
  for (const Loss loss : {Loss::kHuber, Loss::kBernoulli}) {
    SCOPED_TRACE(loss == Loss::kHuber ? "Huber" : "Bernoulli");
    Data data = SomeData(true);
    data.cells.loss = {loss, 0.05};
    ExpectLanesAreAlike(*GetParam().kernels, data);
  }
}

TEST_P(CpuReplicatesTest, FixedCoordinatesAndBoundsAreKept) {
  Data data = SomeData();
  data.domain.free[kComputeExponent] = false;
  data.domain.upper.at[kContextExponent] = data.start.at[kContextExponent];
  const ReplicateFits fits = Refit(*GetParam().kernels, 2, data, 40).value();
  int on_bound = 0;
  for (std::size_t replicate = 0; replicate < 40; ++replicate) {
    EXPECT_TRUE(fits.converged[replicate]);
    EXPECT_EQ(fits.points[replicate].at[kComputeExponent], data.start.at[kComputeExponent]);
    EXPECT_LE(fits.points[replicate].at[kContextExponent], data.start.at[kContextExponent]);
    on_bound += fits.points[replicate].at[kContextExponent] == data.start.at[kContextExponent];
  }
  EXPECT_GT(on_bound, 0);
  EXPECT_LT(on_bound, 40);
}

TEST_P(CpuReplicatesTest, ReplicatesThatDoNotConvergeAreKeptAndSaySo) {
  const ReplicateFits fits = Refit(*GetParam().kernels, 2, SomeData(), 20, 1e-16, 1).value();
  EXPECT_EQ(fits.max_iteration_count, 1);
  EXPECT_EQ(fits.points.size(), 20u);
  EXPECT_EQ(fits.converged, std::vector<bool>(20, false));
}

TEST_P(CpuReplicatesTest, AStopSignalEndsTheRefits) {
  const Data data = SomeData();
  ThreadPool pool(2);
  StopSignal stop;
  stop.Cancel();
  const ReplicateRequest request{data.start, 20, {kSeed}, {}};
  EXPECT_EQ(RefitCpuReplicates({*GetParam().kernels, pool}, data.cells, data.domain, request, stop).status().code(),
            absl::StatusCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(, CpuReplicatesTest, testing::ValuesIn(SupportedVariants()),
                         [](const auto& variant) { return variant.param.Name(); });

}  // namespace
}  // namespace ctxfit
