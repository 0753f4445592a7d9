#ifndef CTXFIT_KERNELS_BACKEND_CUDA_CELL_STEPS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_CELL_STEPS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/row_steps.h"
#include "kernels/data/cells.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"

// The steps by which rows are collapsed to cells on a device, by algorithms of Thrust. Errors: RESOURCE_EXHAUSTED where
// the device's memory does not suffice.

namespace ctxfit {

// Columns of observations. Rows that share their covariates are adjacent.
struct ObservationColumns {
  DeviceBuffer<double> score;
  DeviceBuffer<double> weight;    // empty: 1 for all
  DeviceBuffer<double> variance;  // empty: 0 for all
  DeviceBuffer<std::int32_t> unit;
  DeviceBuffer<std::int32_t> unit_2;       // empty except in two-way resampling
  DeviceBuffer<std::int32_t> combination;  // number of the row's combination of covariates, ascending
  // By combination.
  DeviceBuffer<std::int32_t> compute;
  DeviceBuffer<double> penalty;  // empty in the full form
  DeviceBuffer<Excess> excess;   // in the full form only
};

// Columns of cells, as in Cells.
struct CellColumns {
  DeviceBuffer<double> weight;
  DeviceBuffer<double> score;
  DeviceBuffer<double> within_cost;
  DeviceBuffer<std::int32_t> compute;
  DeviceBuffer<std::int32_t> unit;    // empty unless units are kept
  DeviceBuffer<std::int32_t> unit_2;  // empty unless units are kept
  DeviceBuffer<double> penalty;       // empty in the full form
  DeviceBuffer<Excess> excess;        // in the full form only
};

// Returns ObservationColumns::combination of `row_count` rows: that of number k ends before the row row_ends[k].
absl::StatusOr<DeviceBuffer<std::int32_t>> NumberCombinations(const std::shared_ptr<CudaDevice>& device,
                                                              const std::vector<std::uint32_t>& row_ends,
                                                              std::size_t row_count);

// Returns the places in `rows` where a cell begins. Rows of one cell are adjacent there. Waits.
absl::StatusOr<RowIndices> FindCells(const std::shared_ptr<CudaDevice>& device, const ObservationColumns& columns,
                                     const RowIndices& rows, Units units, const LossTraits& loss);

// Makes the cells that begin at the places `begin` in `rows`, and sums the rows of each in that order: SumCell(), which
// takes a thread of its own for each. `loss` is no deviance, whose logarithms on the device have bits of their own.
absl::StatusOr<CellColumns> MakeCells(const std::shared_ptr<CudaDevice>& device, const ObservationColumns& columns,
                                      const RowIndices& rows, const RowIndices& begin, Units units,
                                      const LossTraits& loss);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_CELL_STEPS_H_
