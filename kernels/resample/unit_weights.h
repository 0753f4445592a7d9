#ifndef CTXFIT_KERNELS_RESAMPLE_UNIT_WEIGHTS_H_
#define CTXFIT_KERNELS_RESAMPLE_UNIT_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "kernels/base/philox.h"
#include "kernels/base/stop_signal.h"
#include "kernels/resample/weight_scheme.h"

namespace ctxfit {

struct Cells;

// Replicates whose weights are drawn side by side: the weight of unit u in replicate replicates[lane] goes to
// weights[u * stride + lane].
struct WeightTable {
  absl::Span<const std::uint32_t> replicates;
  std::size_t stride;
  double* weights;
};

// Draws the weights of `count` units as `scheme` says. Where `stratum_begin` is not empty, units stratum_begin[s] to
// stratum_begin[s + 1] - 1 are drawn among themselves: their weights sum to their number. False where the stop signal
// came between.
bool DrawUnitWeights(const WeightScheme& scheme, Purpose purpose, std::int32_t count,
                     const std::vector<std::int32_t>& stratum_begin, const WeightTable& table, const StopSignal& stop);

// The weight that each cell has in one replicate: its own times that of its units. Empty where the stop signal came
// between.
std::vector<double> ReplicateCellWeights(const Cells& cells, const WeightScheme& scheme, std::uint32_t replicate,
                                         const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_RESAMPLE_UNIT_WEIGHTS_H_
