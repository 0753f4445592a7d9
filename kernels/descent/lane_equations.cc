#include "kernels/descent/lane_equations.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {
namespace {

template <int kCount>
NormalEquations EquationsOfLane(const double* sums, int lane) {
  BasicNormalEquations<kCount> equations;
  const double* element = sums + lane;
  for (double& value : equations.jtj) value = *std::exchange(element, element + kReplicateLanes);
  for (double& value : equations.jtr) value = *std::exchange(element, element + kReplicateLanes);
  equations.cost = *element;
  return Widen(equations);
}

// The number of parts into which a sum is cut for the threads: the same on every machine, so that the sum has the same
// bits.
constexpr std::size_t kParts = 8;

}  // namespace

LaneSums::LaneSums(bool full)
    : full_(full),
      sums_((full ? sizeof(NormalEquations) : sizeof(FactorEquations)) / sizeof(double) * kReplicateLanes) {}

void LaneSums::Clear() { std::fill(sums_.begin(), sums_.end(), 0.0); }

void LaneSums::Add(const LaneSums& other) {
  std::transform(sums_.begin(), sums_.end(), other.sums_.begin(), sums_.begin(), std::plus<>());
}

NormalEquations LaneSums::At(int lane) const {
  return full_ ? EquationsOfLane<kCoordinateCount>(sums_.data(), lane)
               : EquationsOfLane<kFactorCoordinateCount>(sums_.data(), lane);
}

LanePoints::LanePoints(std::size_t compute_count)
    : coordinates_(kCoordinateCount * kReplicateLanes), compute_factors_(2 * compute_count * kReplicateLanes) {}

void LanePoints::Set(const VectorKernels& kernels, const std::vector<double>& log_compute, const LmState* states) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    for (int lane = 0; lane < kReplicateLanes; ++lane) {
      coordinates_[i * kReplicateLanes + lane] = states[lane].trial.at[i];
    }
  }
  kernels.compute_factors_with_slopes(coordinates_.data(), log_compute.data(), log_compute.size(),
                                      compute_factors_.data());
}

CellEquations::CellEquations(const VectorKernels& kernels, const Cells& cells, const Chunks& chunks)
    : kernels_(kernels),
      cells_(cells),
      chunks_(chunks),
      points_(cells.log_compute.size()),
      sums_{LaneSums(cells.full())} {}

CellEquations::CellEquations(const VectorKernels& kernels, const Cells& cells, const Chunks& chunks, ThreadPool& pool)
    : CellEquations(kernels, cells, chunks) {
  pool_ = &pool;
  sums_.assign(std::min(kParts, chunks.size()), LaneSums(cells.full()));
}

void CellEquations::Weigh(const LaneWeights& weights) { weights_ = &weights; }

bool CellEquations::SumPart(std::size_t part, const StopSignal& stop) {
  LaneSums& sums = sums_[part];
  sums.Clear();
  const bool weighed = weights_ != nullptr;
  EquationArgs args{chunks_.prompts.data(),
                    cells_.log_compute.data(),
                    cells_.compute.data(),
                    weighed ? cells_.unit.data() : nullptr,
                    weighed && !cells_.unit_2.empty() ? cells_.unit_2.data() : nullptr,
                    cells_.weight.data(),
                    cells_.score.data(),
                    cells_.penalty.data(),
                    cells_.full() ? cells_.excess.data() : nullptr,
                    0,
                    0,
                    points_.coordinates(),
                    points_.compute_factors(),
                    weighed ? weights_->unit() : nullptr,
                    weighed ? weights_->unit_2() : nullptr,
                    cells_.loss};
  const std::size_t end = chunks_.size() * (part + 1) / sums_.size();
  for (std::size_t chunk = chunks_.size() * part / sums_.size(); chunk < end; ++chunk) {
    if (!stop.Check().ok()) return false;
    args.prompt_begin = chunks_.begin[chunk];
    args.prompt_end = chunks_.begin[chunk + 1];
    kernels_.add_normal_equations(args, sums.data());
  }
  return true;
}

bool CellEquations::Sum(const LmState* states, const StopSignal& stop) {
  points_.Set(kernels_, cells_.log_compute, states);
  if (sums_.size() == 1) return SumPart(0, stop);
  const auto sum_part = [&](std::size_t part, int) { SumPart(part, stop); };
  if (!pool_->ParallelFor(sums_.size(), stop, sum_part).ok() || !stop.Check().ok()) return false;
  for (std::size_t part = 1; part < sums_.size(); ++part) sums_.front().Add(sums_[part]);
  return true;
}

MomentEquations::MomentEquations(const VectorKernels& kernels, const Moments& moments)
    : kernels_(kernels),
      moments_(moments),
      weighed_(moments.sum_count * kReplicateLanes),
      points_(moments.log_compute.size()),
      sums_(false) {}

void MomentEquations::Weigh(const LaneWeights& weights) {
  std::fill(weighed_.begin(), weighed_.end(), 0.0);
  for (std::size_t panel = 0; panel < moments_.panels.size(); ++panel) {
    kernels_.weigh_moments(moments_.ArgsFor(panel), weights.unit(), weights.unit_2(), weighed_.data());
  }
}

bool MomentEquations::Sum(const LmState* states, const StopSignal& stop) {
  if (!stop.Check().ok()) return false;
  points_.Set(kernels_, moments_.log_compute, states);
  sums_.Clear();
  for (std::size_t panel = 0; panel < moments_.panels.size(); ++panel) {
    kernels_.add_moment_equations(moments_.ArgsFor(panel), points_.coordinates(), points_.compute_factors(),
                                  weighed_.data(), sums_.data());
  }
  return true;
}

}  // namespace ctxfit
