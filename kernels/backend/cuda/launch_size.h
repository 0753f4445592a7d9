#ifndef CTXFIT_KERNELS_BACKEND_CUDA_LAUNCH_SIZE_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_LAUNCH_SIZE_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace ctxfit {

// How many replicates go into one launch. They do not touch each other, so this is free to follow the clock: a launch
// should be long against a wait for the device and short against the 100 ms in which a cancellation must end a fit,
// from GPUs with full double precision to those with a sixty-fourth of it.
class LaunchSize {
 public:
  // At most `highest`, of `work` evaluations each.
  LaunchSize(std::int32_t highest, std::int64_t work) : highest_(highest) {
    constexpr std::int64_t kFirstLaunchWork = 1 << 24;
    value_ = static_cast<std::int32_t>(std::clamp<std::int64_t>(kFirstLaunchWork / work, 1, highest_));
  }

  std::int32_t value() const { return value_; }
  std::int32_t highest() const { return highest_; }

  // Takes account of what a launch of that many replicates lasted.
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
