#include "kernels/backend/cuda/device_weights.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "kernels/backend/cuda/status.h"
#include "kernels/base/philox.h"
#include "kernels/data/cells.h"
#include "kernels/law/resampling.h"
#include "kernels/resample/unit_weights.h"

namespace ctxfit {
namespace {

// The units of one kind, each of which has a weight in every replicate.
struct UnitKind {
  Purpose purpose;
  std::int32_t count;
  const std::vector<std::int32_t>& stratum_begin;
};

absl::StatusOr<std::vector<double>> DrawTable(const WeightScheme& scheme, const UnitKind& units,
                                              absl::Span<const std::int32_t> replicates, ThreadPool& pool,
                                              const StopSignal& stop) {
  std::vector<double> table(replicates.size() * static_cast<std::size_t>(units.count));
  CTXFIT_RETURN_IF_ERROR(pool.ParallelFor(replicates.size(), stop, [&](std::size_t i, int) {
    const auto replicate = static_cast<std::uint32_t>(replicates[i]);
    // An interrupted row is noticed by ParallelFor() or by the check below.
    DrawUnitWeights(scheme, units.purpose, units.count, units.stratum_begin,
                    {{&replicate, 1}, 1, table.data() + i * static_cast<std::size_t>(units.count)}, stop);
  }));
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  return table;
}

}  // namespace

bool AreDrawnInKernels(const Cells& cells, const WeightScheme& scheme) {
  return scheme.kind == WeightKind::kExponential && cells.unit_2.empty() && cells.stratum_begin.empty();
}

std::int32_t ReplicatesPerTable(const Cells& cells, std::int32_t replicates, std::int64_t max_weights) {
  const std::int64_t row = std::max<std::int64_t>(std::int64_t{cells.unit_count} + cells.unit_2_count, 1);
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(max_weights / row, 1, replicates));
}

absl::StatusOr<DeviceWeights> DeviceWeights::Draw(const std::shared_ptr<CudaDevice>& device, const Cells& cells,
                                                  const WeightScheme& scheme, absl::Span<const std::int32_t> replicates,
                                                  ThreadPool& pool, const StopSignal& stop) {
  DeviceWeights weights;
  const UnitKind first = {Purpose::kReplicateWeight, cells.unit_count, cells.stratum_begin};
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<double> table, DrawTable(scheme, first, replicates, pool, stop));
  CTXFIT_ASSIGN_OR_RETURN(weights.unit_, DeviceBuffer<double>::CopyOf(device, table));
  if (cells.unit_2.empty()) return weights;
  const std::vector<std::int32_t> no_strata;
  const UnitKind second = {Purpose::kSecondWeight, cells.unit_2_count, no_strata};
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<double> table_2, DrawTable(scheme, second, replicates, pool, stop));
  CTXFIT_ASSIGN_OR_RETURN(weights.unit_2_, DeviceBuffer<double>::CopyOf(device, table_2));
  return weights;
}

}  // namespace ctxfit
