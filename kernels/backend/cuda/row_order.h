#ifndef CTXFIT_KERNELS_BACKEND_CUDA_ROW_ORDER_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_ROW_ORDER_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/canonical_order.h"
#include "kernels/data/observations.h"

namespace ctxfit {

// Sorts rows on a device: gives what SortCanonically() gives, to the bit. `rows` are not empty, and fewer than 2^31.
// Labels, of which there are few, are ranked on the host. Needs about 60 bytes of device memory per row, and 16 more
// with weights, variances or groups. Errors: RESOURCE_EXHAUSTED where that does not suffice, and those of `stop`, which
// is looked at between steps. Waits.
absl::StatusOr<CanonicalOrder> SortOnDevice(const std::shared_ptr<CudaDevice>& device, const ObservationTable& table,
                                            const std::vector<std::size_t>& rows, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_ROW_ORDER_H_
