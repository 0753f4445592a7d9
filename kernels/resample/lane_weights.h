#ifndef CTXFIT_KERNELS_RESAMPLE_LANE_WEIGHTS_H_
#define CTXFIT_KERNELS_RESAMPLE_LANE_WEIGHTS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "kernels/base/aligned_vector.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/cells.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/resample/unit_weights.h"
#include "kernels/resample/weight_scheme.h"

namespace ctxfit {

// The weights of resampling units in kReplicateLanes replicates side by side.
class LaneWeights {
 public:
  explicit LaneWeights(const Cells& cells)
      : unit_(static_cast<std::size_t>(cells.unit_count) * kReplicateLanes),
        unit_2_(static_cast<std::size_t>(cells.unit_2_count) * kReplicateLanes) {}

  // Draws those of the replicates of these numbers, kReplicateLanes at most. False where the stop signal came between.
  bool Draw(const Cells& cells, const WeightScheme& scheme, absl::Span<const std::uint32_t> numbers,
            const StopSignal& stop) {
    const auto table = [&](AlignedVector<double>& weights) {
      return WeightTable{numbers, kReplicateLanes, weights.data()};
    };
    return DrawUnitWeights(scheme, Purpose::kReplicateWeight, cells.unit_count, cells.stratum_begin, table(unit_),
                           stop) &&
           DrawUnitWeights(scheme, Purpose::kSecondWeight, cells.unit_2_count, {}, table(unit_2_), stop);
  }

  // By unit and lane.
  const double* unit() const { return unit_.data(); }
  // By second unit and lane; null where there are none.
  const double* unit_2() const { return unit_2_.empty() ? nullptr : unit_2_.data(); }

 private:
  AlignedVector<double> unit_;
  AlignedVector<double> unit_2_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_RESAMPLE_LANE_WEIGHTS_H_
