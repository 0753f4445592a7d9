#include "kernels/backend/cuda/replicate_launches.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/backend/cuda/status.h"

namespace ctxfit {

absl::Status LaunchUntilFinished(const CudaDevice& device, ReplicateLaunches launches, const StopSignal& stop,
                                 absl::FunctionRef<absl::Status(std::int32_t first, std::int32_t count)> launch) {
  for (std::int32_t remaining = launches.count; remaining > 0;) {
    for (std::int32_t first = 0; first < launches.count;) {
      CTXFIT_RETURN_IF_ERROR(stop.Check());
      const absl::Time begin = absl::Now();
      const std::int32_t count = std::min(launches.size.value(), launches.count - first);
      CTXFIT_RETURN_IF_ERROR(launch(first, count));
      CTXFIT_RETURN_IF_ERROR(device.Wait());
      launches.size.Observe(count, absl::Now() - begin);
      first += count;
    }
    CTXFIT_ASSIGN_OR_RETURN(remaining, device.Fetch(launches.unfinished));
  }
  return absl::OkStatus();
}

}  // namespace ctxfit
