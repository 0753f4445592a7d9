#ifndef CTXFIT_KERNELS_BASE_EXACT_TEXT_H_
#define CTXFIT_KERNELS_BASE_EXACT_TEXT_H_

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace ctxfit {

// Writes a number for a message: an integer below 10^15 as an integer, another number in 6 significant digits where
// these are the number, in 17 otherwise, so that a number just outside its range does not read as the end of that
// range.
inline std::string ExactText(double value) {
  char text[32];
  const char* const format = std::abs(value) < 1e15 && std::trunc(value) == value ? "%.0f" : "%.6g";
  std::snprintf(text, sizeof(text), format, value);
  if (std::isfinite(value) && std::strtod(text, nullptr) != value) std::snprintf(text, sizeof(text), "%.17g", value);
  return text;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_EXACT_TEXT_H_
