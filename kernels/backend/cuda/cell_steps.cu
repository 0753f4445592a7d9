#include <thrust/binary_search.h>
#include <thrust/for_each.h>
#include <thrust/iterator/counting_iterator.h>

#include "kernels/backend/cuda/algorithms.cuh"
#include "kernels/backend/cuda/cell_steps.h"
#include "kernels/base/host_device.h"
#include "kernels/data/cell_sums.h"

// Compiled without contraction of multiplications and additions (see CMakeLists.txt), so that a sum has the bits of the
// host's.

namespace ctxfit {
namespace {

// True for a place in `rows` whose row is of another cell than the row before.
struct StartsCell {
  const std::uint32_t* rows;
  const std::int32_t* combination;
  const double* score;         // null where rows of different scores share cells
  const std::int32_t* unit;    // null where units are merged
  const std::int32_t* unit_2;  // null where units are merged, or there are none

  CTXFIT_HD bool operator()(std::uint32_t i) const {
    if (i == 0) return true;
    const std::uint32_t a = rows[i - 1];
    const std::uint32_t b = rows[i];
    return combination[a] != combination[b] || (score != nullptr && score[a] != score[b]) ||
           (unit != nullptr && unit[a] != unit[b]) || (unit_2 != nullptr && unit_2[a] != unit_2[b]);
  }
};

// Makes the cell of a number.
struct MakeCell {
  ScoreColumns scores;
  const std::int32_t* combination;
  const std::int32_t* unit;
  const std::int32_t* unit_2;
  const std::int32_t* compute;
  const double* penalty;
  const Excess* excess;
  const std::uint32_t* rows;
  const std::uint32_t* begin;
  std::uint32_t row_count;
  std::uint32_t cell_count;
  LossTraits loss;
  // Columns of cells; null where there are none.
  double* weight_of_cell;
  double* score_of_cell;
  double* within_cost_of_cell;
  std::int32_t* compute_of_cell;
  std::int32_t* unit_of_cell;
  std::int32_t* unit_2_of_cell;
  double* penalty_of_cell;
  Excess* excess_of_cell;

  CTXFIT_HD void operator()(std::uint32_t cell) const {
    const std::uint32_t* const own = rows + begin[cell];
    const std::uint32_t end = cell + 1 < cell_count ? begin[cell + 1] : row_count;
    const auto row_at = [own](std::size_t i) { return own[i]; };
    const CellSums sums = SumCell(scores, row_at, end - begin[cell], loss, WithinSquares());
    weight_of_cell[cell] = sums.weight;
    score_of_cell[cell] = sums.mean;
    within_cost_of_cell[cell] = sums.within_cost;
    const std::int32_t covariates = combination[own[0]];
    compute_of_cell[cell] = compute[covariates];
    if (unit_of_cell != nullptr) unit_of_cell[cell] = unit[own[0]];
    if (unit_2_of_cell != nullptr) unit_2_of_cell[cell] = unit_2[own[0]];
    if (penalty_of_cell != nullptr) penalty_of_cell[cell] = penalty[covariates];
    if (excess_of_cell != nullptr) excess_of_cell[cell] = excess[covariates];
  }
};

// Allocates a column of cells, or none if they take nothing from `source`.
template <class T>
absl::Status AllocateLike(const std::shared_ptr<CudaDevice>& device, const DeviceBuffer<T>& source, std::size_t size,
                          DeviceBuffer<T>& column) {
  if (source.size() == 0) return absl::OkStatus();
  CTXFIT_ASSIGN_OR_RETURN(column, DeviceBuffer<T>::Allocate(device, size));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DeviceBuffer<std::int32_t>> NumberCombinations(const std::shared_ptr<CudaDevice>& device,
                                                              const std::vector<std::uint32_t>& row_ends,
                                                              std::size_t row_count) {
  CTXFIT_ASSIGN_OR_RETURN(const auto ends, DeviceBuffer<std::uint32_t>::CopyOf(device, row_ends));
  CTXFIT_ASSIGN_OR_RETURN(auto combination, DeviceBuffer<std::int32_t>::Allocate(device, row_count));
  const std::uint32_t* const end = ends.data();
  const std::uint32_t* const last_end = end + ends.size();
  const thrust::counting_iterator<std::uint32_t> first(0);
  const auto last = first + static_cast<std::ptrdiff_t>(row_count);
  std::int32_t* const out = combination.data();
  CTXFIT_RETURN_IF_ERROR(
      RunThrust(*device, [&](const auto& policy) { thrust::upper_bound(policy, end, last_end, first, last, out); }));
  return combination;
}

absl::StatusOr<RowIndices> FindCells(const std::shared_ptr<CudaDevice>& device, const ObservationColumns& columns,
                                     const RowIndices& rows, Units units, const LossTraits& loss) {
  const bool keep = units == Units::kKeep;
  const StartsCell starts = {rows.data(), columns.combination.data(),
                             loss.collapses_means ? nullptr : columns.score.data(),
                             keep ? columns.unit.data() : nullptr, keep ? columns.unit_2.data() : nullptr};
  return FindWhere(device, rows.size(), starts);
}

absl::StatusOr<CellColumns> MakeCells(const std::shared_ptr<CudaDevice>& device, const ObservationColumns& columns,
                                      const RowIndices& rows, const RowIndices& begin, Units units,
                                      const LossTraits& loss) {
  const std::size_t count = begin.size();
  CellColumns cells;
  CTXFIT_RETURN_IF_ERROR(AllocateLike(device, columns.score, count, cells.weight));
  CTXFIT_RETURN_IF_ERROR(AllocateLike(device, columns.score, count, cells.score));
  CTXFIT_RETURN_IF_ERROR(AllocateLike(device, columns.score, count, cells.within_cost));
  CTXFIT_RETURN_IF_ERROR(AllocateLike(device, columns.compute, count, cells.compute));
  CTXFIT_RETURN_IF_ERROR(AllocateLike(device, columns.penalty, count, cells.penalty));
  CTXFIT_RETURN_IF_ERROR(AllocateLike(device, columns.excess, count, cells.excess));
  if (units == Units::kKeep) {
    CTXFIT_RETURN_IF_ERROR(AllocateLike(device, columns.unit, count, cells.unit));
    CTXFIT_RETURN_IF_ERROR(AllocateLike(device, columns.unit_2, count, cells.unit_2));
  }
  const MakeCell make = {
      .scores = {columns.score.data(), columns.weight.data(), columns.variance.data()},
      .combination = columns.combination.data(),
      .unit = columns.unit.data(),
      .unit_2 = columns.unit_2.data(),
      .compute = columns.compute.data(),
      .penalty = columns.penalty.data(),
      .excess = columns.excess.data(),
      .rows = rows.data(),
      .begin = begin.data(),
      .row_count = static_cast<std::uint32_t>(rows.size()),
      .cell_count = static_cast<std::uint32_t>(count),
      .loss = loss,
      .weight_of_cell = cells.weight.data(),
      .score_of_cell = cells.score.data(),
      .within_cost_of_cell = cells.within_cost.data(),
      .compute_of_cell = cells.compute.data(),
      .unit_of_cell = cells.unit.data(),
      .unit_2_of_cell = cells.unit_2.data(),
      .penalty_of_cell = cells.penalty.data(),
      .excess_of_cell = cells.excess.data(),
  };
  const thrust::counting_iterator<std::uint32_t> first(0);
  CTXFIT_RETURN_IF_ERROR(RunThrust(*device, [&](const auto& policy) {
    thrust::for_each(policy, first, first + static_cast<std::ptrdiff_t>(count), make);
  }));
  return cells;
}

}  // namespace ctxfit
