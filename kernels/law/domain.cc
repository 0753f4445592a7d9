#include "kernels/law/domain.h"

#include <algorithm>
#include <array>
#include <optional>

#include "kernels/law/options.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"

namespace ctxfit {
namespace {

// ln of a rate at which a factor is 1 in double precision: 1 - exp(-100).
constexpr double kSaturatedLogRate = 4.605170185988092;

// The box that a coordinate's bounds describe: the headroom falls as the ceiling rises.
Range CoordinateBounds(Coordinate coordinate, const Range& bounds, const Penalty& scale) {
  const double a = ToCoordinate(coordinate, bounds.lower, scale);
  const double b = ToCoordinate(coordinate, bounds.upper, scale);
  return {std::min(a, b), std::max(a, b)};
}

// The values at which coordinates are held, where they are.
std::array<std::optional<double>, kCoordinateCount> HeldCoordinates(const FitOptions& options) {
  std::array<std::optional<double>, kCoordinateCount> held;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const ParameterOptions& parameter = options.parameters[i];
    if (parameter.fixed) held[i] = ToCoordinate(static_cast<Coordinate>(i), *parameter.fixed, options.penalty);
  }
  if (!options.fit_penalty_width || options.penalty.form == Penalty::Form::kNone) held[kLogPenaltyWidth] = 0;
  if (!options.fit_penalty_onset || options.penalty.form == Penalty::Form::kNone) held[kLogPenaltyOnset] = 0;
  if (!options.context_factor) {
    held[kLogContextCoefficient] = kSaturatedLogRate;
    held[kContextExponent] = 0;
  }
  return held;
}

}  // namespace

Domain MakeDomain(const FitOptions& options) {
  const auto held = HeldCoordinates(options);
  Domain domain;
  for (int i = 0; i < kCoordinateCount; ++i) {
    const Range bounds = CoordinateBounds(static_cast<Coordinate>(i), options.parameters[i].bounds, options.penalty);
    domain.free[i] = !held[i].has_value();
    domain.lower.at[i] = held[i].value_or(bounds.lower);
    domain.upper.at[i] = held[i].value_or(bounds.upper);
  }
  return domain;
}

}  // namespace ctxfit
