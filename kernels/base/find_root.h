#ifndef CTXFIT_KERNELS_BASE_FIND_ROOT_H_
#define CTXFIT_KERNELS_BASE_FIND_ROOT_H_

#include <boost/math/policies/policy.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <optional>

namespace ctxfit {

// Boost's errors as NaN or infinity in place of exceptions, which may not leave kernels/. Its functions are called
// under this policy only.
using NoThrow =
    boost::math::policies::policy<boost::math::policies::domain_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::pole_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
                                  boost::math::policies::rounding_error<boost::math::policies::ignore_error>>;

// Returns a root of `function` to within `precision`, by Algorithm 748 (Alefeld, Potra and Shi 1995) in at most 200
// evaluations. `function` is `at_low` at `low` < `high`, and `at_high` at `high`; unset unless these have different
// signs or one of them is 0, and where `function` turns out not to be a number.
template <class Function>
std::optional<double> FindRoot(const Function& function, double low, double high, double at_low, double at_high,
                               double precision) {
  if (at_low == 0) return low;
  if (at_high == 0) return high;
  if (!(at_low < 0 && at_high > 0) && !(at_low > 0 && at_high < 0)) return std::nullopt;
  const auto near = [precision](double a, double b) { return std::abs(b - a) <= precision; };
  std::uintmax_t evaluations = 200;
  const auto [from, to] =
      boost::math::tools::toms748_solve(function, low, high, at_low, at_high, near, evaluations, NoThrow());
  const double root = (from + to) / 2;
  return std::isnan(root) ? std::nullopt : std::optional(root);
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_FIND_ROOT_H_
