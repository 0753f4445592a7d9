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

// Destination of the weights of several replicates: that of unit u in replicate replicates[lane] goes to
// weights[u * stride + lane]. `stride` is at least the number of replicates.
struct WeightTable {
  absl::Span<const std::uint32_t> replicates;
  std::size_t stride;
  double* weights;
};

// Draws the weights of `count` units as `scheme` says. Unless `stratum_begin` is empty, each stratum s, the units
// [stratum_begin[s], stratum_begin[s + 1]), is drawn by itself, and its weights sum to its number of units. False if
// `stop` interrupted it.
bool DrawUnitWeights(const WeightScheme& scheme, Purpose purpose, std::int32_t count,
                     const std::vector<std::int32_t>& stratum_begin, const WeightTable& table, const StopSignal& stop);

// The weight of each cell in one replicate: its own times those of its units. Empty if `stop` interrupted the drawing.
std::vector<double> ReplicateCellWeights(const Cells& cells, const WeightScheme& scheme, std::uint32_t replicate,
                                         const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_RESAMPLE_UNIT_WEIGHTS_H_
