#ifndef CTXFIT_TESTS_GPU_BITS_H_
#define CTXFIT_TESTS_GPU_BITS_H_

#include <bit>
#include <cstdint>
#include <vector>

namespace ctxfit {

// The bits of values, which tell the two zeros apart.
inline std::vector<std::uint64_t> BitsOf(const std::vector<double>& values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_BITS_H_
