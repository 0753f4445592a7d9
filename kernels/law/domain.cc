#include "kernels/law/domain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "kernels/law/law_options.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"

namespace ctxfit {
namespace {

// ln of 100, a rate at which a factor is 1 in double precision: 1 - exp(-100).
constexpr double kSaturatedLogRate = 4.605170185988092;

// Converts a parameter's bounds to those of its coordinate, in order: the headroom falls as the ceiling rises. They are
// the outermost ones whose parameters do not leave `bounds` by rounding.
Range CoordinateBounds(Coordinate coordinate, const Range& bounds, const Penalty& scale) {
  const double a = ToCoordinate(coordinate, bounds.lower, scale);
  const double b = ToCoordinate(coordinate, bounds.upper, scale);
  const auto is_outside = [&](double value) {
    const double parameter = ToParameter(coordinate, value, scale);
    return parameter < bounds.lower || parameter > bounds.upper;
  };
  Range within = {std::min(a, b), std::max(a, b)};
  while (is_outside(within.lower)) within.lower = std::nextafter(within.lower, within.upper);
  while (is_outside(within.upper)) within.upper = std::nextafter(within.upper, within.lower);
  return within;
}

// The values of the fixed coordinates; unset for the free ones.
std::array<std::optional<double>, kCoordinateCount> FixedCoordinates(const LawOptions& options) {
  std::array<std::optional<double>, kCoordinateCount> fixed;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const ParameterOptions& parameter = options.parameters[i];
    if (parameter.fixed) fixed[i] = ToCoordinate(static_cast<Coordinate>(i), *parameter.fixed, options.penalty);
  }
  if (!options.fit_penalty_width || options.penalty.form == Penalty::Form::kNone) fixed[kLogPenaltyWidth] = 0;
  if (!options.fit_penalty_onset || options.penalty.form == Penalty::Form::kNone) fixed[kLogPenaltyOnset] = 0;
  if (!options.context_factor) {
    fixed[kLogContextCoefficient] = kSaturatedLogRate;
    fixed[kContextExponent] = 0;
  }
  return fixed;
}

}  // namespace

Domain MakeDomain(const LawOptions& options) {
  const auto fixed = FixedCoordinates(options);
  Domain domain;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const Range bounds =
        CoordinateBounds(static_cast<Coordinate>(i), BoundsOf(options, static_cast<Coordinate>(i)), options.penalty);
    domain.free[i] = !fixed[i].has_value();
    domain.has_default_bounds[i] = !options.parameters[i].bounds || options.parameters[i].has_default_bounds;
    domain.lower.at[i] = fixed[i].value_or(bounds.lower);
    domain.upper.at[i] = fixed[i].value_or(bounds.upper);
  }
  return domain;
}

}  // namespace ctxfit
