#ifndef CTXFIT_KERNELS_BACKEND_CUDA_COLLAPSE_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_COLLAPSE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/cells.h"
#include "kernels/data/observations.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

// True if CollapseOnDevice() can give the host's cells, and in time. The deviances within cells have logarithms, whose
// last bits are others on a device. One thread sums a cell, because the order of a sum is part of its bits: that takes
// it about 0.1 us a row and pass by calculation, where the host, with its caches, takes 1 ns. Cells are therefore
// limited to 2^18 rows.
bool IsForDevice(const Observations& observations, const LawForm& form);

// Collapses observations on a device: gives what CollapseBoth() gives, to the bit. Copies the rows once. Needs about 60
// bytes of device memory per row and as many per cell. Errors: RESOURCE_EXHAUSTED where that does not suffice, and
// those of `stop`, which is looked at between steps. Waits.
absl::StatusOr<FitCells> CollapseOnDevice(const std::shared_ptr<CudaDevice>& device, const Observations& observations,
                                          const References& references, const Penalty& penalty, const LawForm& form,
                                          const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_COLLAPSE_H_
