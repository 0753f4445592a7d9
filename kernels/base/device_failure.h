#ifndef CTXFIT_KERNELS_BASE_DEVICE_FAILURE_H_
#define CTXFIT_KERNELS_BASE_DEVICE_FAILURE_H_

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// The payload by which a status says that a device has failed for good. An exception is INTERNAL, too, but ends one
// call alone.
inline constexpr absl::string_view kDeviceFailure = "ctxfit/device_failure";

// INTERNAL, because a device has failed and is of no more use to this process.
inline absl::Status DeviceFailure(absl::string_view message) {
  absl::Status status = absl::InternalError(message);
  status.SetPayload(kDeviceFailure, absl::Cord());
  return status;
}

inline bool IsDeviceFailure(const absl::Status& status) { return status.GetPayload(kDeviceFailure).has_value(); }

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_DEVICE_FAILURE_H_
