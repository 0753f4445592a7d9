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

// The weights of all resampling units in kReplicateLanes replicates, interleaved: one lane per replicate.
class LaneWeights {
 public:
  explicit LaneWeights(const Cells& cells)
      : unit_(static_cast<std::size_t>(cells.unit_count) * kReplicateLanes),
        unit_2_(static_cast<std::size_t>(cells.unit_2_count) * kReplicateLanes) {}

  // Draws the weights of at most kReplicateLanes replicates, by index. False if `stop` interrupted it.
  bool Draw(const Cells& cells, const WeightScheme& scheme, absl::Span<const std::uint32_t> replicates,
            const StopSignal& stop) {
    const auto table = [&](AlignedVector<double>& weights) {
      return WeightTable{replicates, kReplicateLanes, weights.data()};
    };
    return DrawUnitWeights(scheme, Purpose::kReplicateWeight, cells.unit_count, cells.stratum_begin, table(unit_),
                           stop) &&
           DrawUnitWeights(scheme, Purpose::kSecondWeight, cells.unit_2_count, {}, table(unit_2_), stop);
  }

  // Weight of unit u in lane l at [u * kReplicateLanes + l].
  const double* unit() const { return unit_.data(); }
  // Weights of second units, laid out as those of unit(); null if there are no second units.
  const double* unit_2() const { return unit_2_.empty() ? nullptr : unit_2_.data(); }

 private:
  AlignedVector<double> unit_;
  AlignedVector<double> unit_2_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_RESAMPLE_LANE_WEIGHTS_H_
