#ifndef CTXFIT_KERNELS_BACKEND_CUDA_ROW_STEPS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_ROW_STEPS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/backend/cuda/buffer.h"
#include "kernels/backend/cuda/device.h"

// The steps by which rows are sorted and gathered on a device, by algorithms of Thrust. A row is its index in columns
// of device memory. Errors: RESOURCE_EXHAUSTED where the device's memory does not suffice.

namespace ctxfit {

using RowIndices = DeviceBuffer<std::uint32_t>;

// Returns 0, 1, ... count - 1.
absl::StatusOr<RowIndices> AscendingRows(const std::shared_ptr<CudaDevice>& device, std::size_t count);

// Sorts rows by their values in a column, none of which is NaN or below 0, and keeps the order of those that are equal.
absl::Status SortByValue(const std::shared_ptr<CudaDevice>& device, const DeviceBuffer<double>& column,
                         const RowIndices& rows);

// Sorts rows by their numbers in a column, none of which is below 0, and where these are equal by those in a second
// one; keeps the order of rows that are equal in both. Either column may be empty, for equal numbers.
absl::Status SortByNumber(const std::shared_ptr<CudaDevice>& device, const DeviceBuffer<std::int32_t>& first,
                          const DeviceBuffer<std::int32_t>& second, const RowIndices& rows);

// Returns the elements of a column in those rows; of an empty column, none.
absl::StatusOr<DeviceBuffer<double>> Gather(const std::shared_ptr<CudaDevice>& device,
                                            const DeviceBuffer<double>& column, const RowIndices& rows);
absl::StatusOr<DeviceBuffer<std::int32_t>> Gather(const std::shared_ptr<CudaDevice>& device,
                                                  const DeviceBuffer<std::int32_t>& column, const RowIndices& rows);

// Returns the distinct codes of a column, none of which is below 0, in ascending order. Waits.
absl::StatusOr<std::vector<std::int32_t>> DistinctCodes(const std::shared_ptr<CudaDevice>& device,
                                                        const DeviceBuffer<std::int32_t>& codes);

// Puts ranks[i] in place of every code that equals distinct[i], where `distinct` is what DistinctCodes() returned.
absl::Status ReplaceByRank(const std::shared_ptr<CudaDevice>& device, const std::vector<std::int32_t>& distinct,
                           const std::vector<std::int32_t>& ranks, const DeviceBuffer<std::int32_t>& codes);

// The columns of Covariates.
struct CovariateColumns {
  DeviceBuffer<double> prompt;
  DeviceBuffer<double> compute;
  DeviceBuffer<double> limit;
};

// Returns the places in `rows` of those whose covariates differ from those of the row before; the first one is 0.
// Waits.
absl::StatusOr<RowIndices> FindCombinations(const std::shared_ptr<CudaDevice>& device, const CovariateColumns& columns,
                                            const RowIndices& rows);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_ROW_STEPS_H_
