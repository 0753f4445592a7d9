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

// The normal equations of kReplicateLanes descents side by side, at the trial point of each.

namespace ctxfit {

struct Cells;

// What they are summed into, by lane.
class LaneSums {
 public:
  // Of the factors' coordinates, or of all.
  explicit LaneSums(bool full);

  void Clear();
  double* data() { return sums_.data(); }
  void Add(const LaneSums& other);
  NormalEquations At(int lane) const;

 private:
  bool full_;
  AlignedVector<double> sums_;
};

// The points of all lanes, and their compute factors with slopes.
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

// Summed over cells, by one thread, or in parts by those of a pool. Everything that it is made from must outlive it.
class CellEquations {
 public:
  CellEquations(const VectorKernels& kernels, const Cells& cells, const Chunks& chunks);
  CellEquations(const VectorKernels& kernels, const Cells& cells, const Chunks& chunks, ThreadPool& pool);

  // Lets the units weigh that much, for cells that kept them; 1 until then.
  void Weigh(const LaneWeights& weights);

  // Sums at the trial points of `states`, kReplicateLanes of them. False where the stop signal came between.
  bool Sum(const LmState* states, const StopSignal& stop);

  NormalEquations At(int lane) const { return sums_.front().At(lane); }

 private:
  // Sums the chunks of one part, each an equal share of all.
  bool SumPart(std::size_t part, const StopSignal& stop);

  const VectorKernels& kernels_;
  const Cells& cells_;
  const Chunks& chunks_;
  ThreadPool* pool_ = nullptr;
  const LaneWeights* weights_ = nullptr;
  LanePoints points_;
  std::vector<LaneSums> sums_;  // by part; of all in the first
};

// The same from the moments of cells. Costs are told from that at the moments' centre.
class MomentEquations {
 public:
  MomentEquations(const VectorKernels& kernels, const Moments& moments);

  void Weigh(const LaneWeights& weights);
  bool Sum(const LmState* states, const StopSignal& stop);
  NormalEquations At(int lane) const { return sums_.At(lane); }

 private:
  const VectorKernels& kernels_;
  const Moments& moments_;
  AlignedVector<double> weighed_;  // the moments' sums over units
  LanePoints points_;
  LaneSums sums_;
};

// Advances descents by up to `steps` steps, until each has finished if that is sooner. `rule_of(state, equations)` is
// the rule for one at its trial point. False where the stop signal came between.
template <class Equations, class RuleOf>
bool DescendLanes(Equations& equations, const Domain& domain, const RuleOf& rule_of, const StopSignal& stop, int steps,
                  LmState* states, int lanes) {
  const auto under_way = [](const LmState& state) { return !state.finished; };
  for (int step = 0; step < steps && std::any_of(states, states + lanes, under_way); ++step) {
    if (!equations.Sum(states, stop)) return false;
    for (int lane = 0; lane < lanes; ++lane) {
      if (states[lane].finished) continue;
      const NormalEquations at_trial = equations.At(lane);
      AdvanceLm(domain, rule_of(states[lane], at_trial), at_trial, states[lane]);
    }
  }
  return true;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_LANE_EQUATIONS_H_
