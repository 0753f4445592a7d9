#ifndef CTXFIT_KERNELS_BACKEND_CUDA_LAUNCH_SIZE_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_LAUNCH_SIZE_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace ctxfit {

// Number of replicates per launch. Replicates are independent, so it may follow the clock without changing a result: a
// launch should be long against a wait for the device and short against the 100 ms in which a cancellation must end a
// fit, on GPUs with full double precision and on those with a sixty-fourth of it.
class LaunchSize {
 public:
  // Starts with at most `highest` replicates, of `work` evaluations each.
  LaunchSize(std::int32_t highest, std::int64_t work) : highest_(highest) {
    constexpr std::int64_t kFirstLaunchWork = 1 << 24;
    value_ = static_cast<std::int32_t>(std::clamp<std::int64_t>(kFirstLaunchWork / work, 1, highest_));
  }

  std::int32_t value() const { return value_; }
  std::int32_t highest() const { return highest_; }

  // Adapts to the duration of a launch of that many replicates.
  void Observe(std::int32_t replicates, absl::Duration duration) {
    if (duration > absl::Milliseconds(20)) value_ = std::max(value_ / 2, 1);
    if (duration < absl::Milliseconds(5) && replicates == value_) {
      value_ = static_cast<std::int32_t>(std::min(std::int64_t{2} * value_, std::int64_t{highest_}));
    }
  }

 private:
  std::int32_t highest_;
  std::int32_t value_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_LAUNCH_SIZE_H_
