#ifndef CTXFIT_KERNELS_DESCENT_LANE_EQUATIONS_H_
#define CTXFIT_KERNELS_DESCENT_LANE_EQUATIONS_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/base/aligned_vector.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/domain.h"
#include "kernels/objective/chunks.h"
#include "kernels/objective/moments.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/resample/lane_weights.h"

// Sums the normal equations of kReplicateLanes concurrent descents, one per vector lane, at the trial point of each.

namespace ctxfit {

struct Cells;

// The sums that the normal equations of all lanes are accumulated in.
class LaneSums {
 public:
  // `full`: by all coordinates; otherwise by the factors' coordinates alone.
  explicit LaneSums(bool full);

  void Clear();
  double* data() { return sums_.data(); }
  void Add(const LaneSums& other);
  NormalEquations At(int lane) const;

 private:
  bool full_;
  AlignedVector<double> sums_;
};

// The trial points of all lanes, and their compute factors with slopes.
class LanePoints {
 public:
  explicit LanePoints(std::size_t compute_count);

  void Set(const VectorKernels& kernels, const std::vector<double>& log_compute, const LmState* states);

  const double* coordinates() const { return coordinates_.data(); }
  const double* compute_factors() const { return compute_factors_.data(); }

 private:
  AlignedVector<double> coordinates_;
  AlignedVector<double> compute_factors_;
};

// Sums over cells, on the calling thread or in parts on the threads of a pool. All constructor arguments must outlive
// this object.
class CellEquations {
 public:
  CellEquations(const VectorKernels& kernels, const Cells& cells, const Chunks& chunks);
  CellEquations(const VectorKernels& kernels, const Cells& cells, const Chunks& chunks, ThreadPool& pool);

  // Weighs the resampling units by `weights` from the next sum on; every unit weighs 1 before. For cells that kept
  // their units.
  void Weigh(const LaneWeights& weights);

  // Sums at the trial points of `states`, an array of kReplicateLanes. False, with undefined sums, once `stop` is set.
  bool Sum(const LmState* states, const StopSignal& stop);

  NormalEquations At(int lane) const { return sums_.front().At(lane); }

 private:
  // Sums the chunks of one part; all parts have equal shares.
  bool SumPart(std::size_t part, const StopSignal& stop);

  const VectorKernels& kernels_;
  const Cells& cells_;
  const Chunks& chunks_;
  ThreadPool* pool_ = nullptr;
  const LaneWeights* weights_ = nullptr;
  LanePoints points_;
  std::vector<LaneSums> sums_;  // by part; Sum() adds them up in the first
};

// Sums over the moments of cells instead, with the members of CellEquations. Costs are differences from the cost at the
// moments' centre.
class MomentEquations {
 public:
  MomentEquations(const VectorKernels& kernels, const Moments& moments);

  void Weigh(const LaneWeights& weights);
  bool Sum(const LmState* states, const StopSignal& stop);
  NormalEquations At(int lane) const { return sums_.At(lane); }

 private:
  const VectorKernels& kernels_;
  const Moments& moments_;
  AlignedVector<double> weighed_;  // the moments, summed over weighted units
  LanePoints points_;
  LaneSums sums_;
};

// Advances the descents in the first `lanes` lanes until each has finished, by at most `steps` steps.
// `criteria_of(lane, at_trial)` returns the LmCriteria for the lane's next step, given the normal equations at its
// trial point. False once `stop` is set.
template <class Equations, class CriteriaOf>
bool DescendLanes(Equations& equations, const Domain& domain, const CriteriaOf& criteria_of, const StopSignal& stop,
                  int steps, LmState* states, int lanes) {
  const auto under_way = [](const LmState& state) { return !state.finished; };
  for (int step = 0; step < steps && std::any_of(states, states + lanes, under_way); ++step) {
    if (!equations.Sum(states, stop)) return false;
    for (int lane = 0; lane < lanes; ++lane) {
      if (states[lane].finished) continue;
      const NormalEquations at_trial = equations.At(lane);
      AdvanceLm(domain, criteria_of(lane, at_trial), at_trial, states[lane]);
    }
  }
  return true;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_LANE_EQUATIONS_H_
