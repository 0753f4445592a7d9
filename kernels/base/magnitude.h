#ifndef CTXFIT_KERNELS_BASE_MAGNITUDE_H_
#define CTXFIT_KERNELS_BASE_MAGNITUDE_H_

#include <limits>

#include "absl/strings/string_view.h"

namespace ctxfit {

// Computes, lengths and weights of any unit lie in these bounds, within which the law neither overflows nor underflows
// to what is not a number.
inline constexpr double kMinMagnitude = 1e-50;
inline constexpr double kMaxMagnitude = 1e50;
inline constexpr absl::string_view kMagnitudeRule = "in [1e-50, 1e50]";

inline bool IsMagnitude(double value) { return (value >= kMinMagnitude) & (value <= kMaxMagnitude); }

// The rule that a number which is no magnitude breaks: it is not even finite and > 0, or too small or too large.
inline absl::string_view BrokenMagnitudeRule(double value) {
  return value > 0 && value <= std::numeric_limits<double>::max() ? kMagnitudeRule : "finite and > 0";
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_MAGNITUDE_H_
