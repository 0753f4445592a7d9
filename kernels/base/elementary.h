#ifndef CTXFIT_KERNELS_BASE_ELEMENTARY_H_
#define CTXFIT_KERNELS_BASE_ELEMENTARY_H_

#include <cstdint>
#include <type_traits>
#include <utility>

#include "kernels/base/host_device.h"

#ifdef __CUDA_ARCH__
#include <cuda_runtime.h>
#endif

// exp, expm1 and log as branch-free polynomials: the C library's are calls, which no compiler vectorises at the
// accuracy we need. T is float, double, or a vector of either (GNU vector extension), whose lanes are then computed in
// parallel. On the device they are CUDA's own.

namespace ctxfit {

// Types that go with T. Element is the type of its lanes, or T itself if it is no vector; Int is the signed integer
// type, or vector of them, of T's size and number of lanes.
template <class T>
struct Shape {
  using Element = std::remove_cvref_t<decltype(std::declval<T&>()[0])>;
  using Int = decltype(std::declval<T>() < std::declval<T>());
};

template <>
struct Shape<float> {
  using Element = float;
  using Int = std::int32_t;
};

template <>
struct Shape<double> {
  using Element = double;
  using Int = std::int64_t;
};

template <class T>
using Element = typename Shape<T>::Element;

// Constants of exp(x) = 2^k (1 + p), k = round(x / ln 2), p = expm1(x - k ln 2). ln 2 is split in two (Cody and Waite
// 1980), the high part with so many trailing zero bits that k times it is exact. `kRound` added and subtracted rounds
// to an integer, and leaves that integer in the low bits of the sum.
template <class T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
  static constexpr float kLowest = -87.0f;
  static constexpr float kHighest = 88.0f;
  static constexpr float kLog2E = 1.44269504f;
  static constexpr float kLn2High = 0.693359375f;
  static constexpr float kLn2Low = -2.12194440e-4f;
  static constexpr float kRound = 12582912.0f;  // 1.5 * 2^23
  static constexpr std::int32_t kRoundBits = 0x4B400000;
  static constexpr std::int32_t kBias = 127;
  static constexpr int kMantissaBits = 23;
  static constexpr int kTerms = 7;
};

template <>
struct ExpConstants<double> {
  static constexpr double kLowest = -708.0;
  static constexpr double kHighest = 709.0;
  static constexpr double kLog2E = 1.4426950408889634074;
  static constexpr double kLn2High = 6.93147180369123816490e-01;
  static constexpr double kLn2Low = 1.90821492927058770002e-10;
  static constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr std::int64_t kRoundBits = 0x4338000000000000;
  static constexpr std::int64_t kBias = 1023;
  static constexpr int kMantissaBits = 52;
  static constexpr int kTerms = 13;
};

// expm1(r) for |r| <= ln(2) / 2 by its Taylor polynomial, whose first omitted term, r^(n+1) / (n+1)!, lies below half a
// unit in the last place of r: 1.2e-8 r in single, 4e-18 r in double precision.
template <class T>
CTXFIT_HD T ReducedExpm1(T r) {
  using E = Element<T>;
  constexpr int kTerms = ExpConstants<E>::kTerms;
  constexpr E kInverseFactorial[] = {
      E(1),         E(1) / 2,      E(1) / 6,       E(1) / 24,       E(1) / 120,       E(1) / 720,       E(1) / 5040,
      E(1) / 40320, E(1) / 362880, E(1) / 3628800, E(1) / 39916800, E(1) / 479001600, E(1) / 6227020800};
  T p = r * kInverseFactorial[kTerms - 1] + kInverseFactorial[kTerms - 2];
#pragma GCC unroll 16
  for (int i = kTerms - 3; i >= 1; --i) p = p * r + kInverseFactorial[i];
  return p * r * r + r;
}

// exp(x) = scale * (1 + p). SplitExp() wants x <= kHighest, and takes an x below kLowest, where the result would no
// longer be a normal number, for kLowest.
template <class T>
struct ExpParts {
  T scale;
  T p;
};

template <class T>
CTXFIT_HD ExpParts<T> SplitExp(T x) {
  using Constants = ExpConstants<Element<T>>;
  using Int = typename Shape<T>::Int;
  x = x < Constants::kLowest ? Constants::kLowest : x;
  const T rounded = x * Constants::kLog2E + Constants::kRound;
  const T k = rounded - Constants::kRound;
  const T r = (x - k * Constants::kLn2High) - k * Constants::kLn2Low;
  const Int exponent = __builtin_bit_cast(Int, rounded) - (Constants::kRoundBits - Constants::kBias);
  return {__builtin_bit_cast(T, static_cast<Int>(exponent << Constants::kMantissaBits)), ReducedExpm1(r)};
}

// exp(x) within 2 units in the last place. Arguments are clamped to where the result is a normal number:
// [-87, 88] in single, [-708, 709] in double precision.
template <class T>
CTXFIT_HD T Exp(T x) {
#ifdef __CUDA_ARCH__
  return ::exp(x);
#else
  using Constants = ExpConstants<Element<T>>;
  const T capped = x > Constants::kHighest ? Constants::kHighest : x;
  const ExpParts<T> parts = SplitExp(capped);
  return parts.scale + parts.scale * parts.p;
#endif
}

// exp(x) - 1 within 3 units in the last place for x <= 0, without the cancellation of Exp(x) - 1 near 0.
template <class T>
CTXFIT_HD T Expm1(T x) {
#ifdef __CUDA_ARCH__
  return ::expm1(x);
#else
  const ExpParts<T> parts = SplitExp(x);
  return parts.scale * parts.p + (parts.scale - Element<T>(1));
#endif
}

// Converts an integer, or a vector of them lane by lane, to the floating-point type T.
template <class T, class Int>
CTXFIT_HD T ToFloating(Int value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else {
    return __builtin_convertvector(value, T);
  }
}

// ln(x) within 3 units in the last place for normal x > 0. x = 2^k m with m in [sqrt(1/2), sqrt(2)), and
// ln m = 2 artanh(z), z = (m - 1) / (m + 1), |z| <= 0.1716, by its series: the first omitted term lies below half a
// unit in the last place of z.
template <class T>
CTXFIT_HD T Log(T x) {
#ifdef __CUDA_ARCH__
  return ::log(x);
#else
  using E = Element<T>;
  using Constants = ExpConstants<E>;
  using Int = typename Shape<T>::Int;
  constexpr bool kSingle = sizeof(E) == 4;
  constexpr auto kRootHalf =
      __builtin_bit_cast(typename Shape<E>::Int, kSingle ? E(0.70710678f) : E(0.70710678118654752));
  const Int bits = __builtin_bit_cast(Int, x);
  const Int k = (bits - kRootHalf) >> Constants::kMantissaBits;
  const T m = __builtin_bit_cast(T, static_cast<Int>(bits - (k << Constants::kMantissaBits)));
  const T z = (m - E(1)) / (m + E(1));
  const T square = z * z;
  constexpr int kLast = kSingle ? 9 : 21;
  T series = T{} + E(1) / E(kLast);
#pragma GCC unroll 16
  for (int i = kLast - 2; i >= 3; i -= 2) series = series * square + E(1) / E(i);
  const T exponent = ToFloating<T>(k);
  // The bits of a NaN would pass for those of a number: `x > 0`, which is false for it, returns it as it is.
  const T value =
      exponent * Constants::kLn2High + (exponent * Constants::kLn2Low + E(2) * z * (E(1) + square * series));
  return x > E(0) ? value : x;
#endif
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_ELEMENTARY_H_
