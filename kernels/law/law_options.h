#ifndef CTXFIT_KERNELS_LAW_LAW_OPTIONS_H_
#define CTXFIT_KERNELS_LAW_LAW_OPTIONS_H_

#include <array>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"

namespace ctxfit {

// Bounds or fixed value of one parameter, in its natural unit (A itself, not ln A; the ceiling, not the headroom).
struct ParameterOptions {
  // Limits of the search, lower < upper. > 0 for A, B and the penalty's width and onset, >= 0 for alpha and beta, in
  // [0, 1] for floor and ceiling. Unset: DefaultBounds().
  std::optional<Range> bounds;
  // The value at which the parameter is fixed, under the rules of a fitted one; none if it is fitted.
  std::optional<double> fixed;
  // True if WithAsymptoteBounds() set `bounds`: nobody chose them.
  bool has_default_bounds = false;
};

// The law that is fitted, and the loss.
struct LawOptions {
  LossRule loss;
  Penalty penalty = kStepPenalty;
  // True if the penalty's width (onset) is fitted between its bounds, which are in the unit of `penalty`; the value in
  // `penalty` is then only a scale.
  bool fit_penalty_width = false;
  bool fit_penalty_onset = false;
  // False for g = 1: a law of compute and penalty alone. B and beta are then neither fitted nor used.
  bool context_factor = true;
  // Options by Coordinate. `fixed` is unset for the penalty's parameters, which are fixed at `penalty` unless fitted.
  // Floor and ceiling are fixed at 0 and 1 by default.
  std::array<ParameterOptions, kCoordinateCount> parameters = {{{}, {}, {}, {}, {}, {}, {{}, 0}, {{}, 1}}};
  // Fixed values of floor and ceiling for single tasks, by the task's name. They take precedence over `parameters`.
  std::map<std::string, double> floor_by_task;
  std::map<std::string, double> ceiling_by_task;
  std::optional<double> compute_reference_flops;  // C^c, > 0; unset: weighted geometric mean of the data
  std::optional<double> prompt_reference_tokens;  // n^c, > 0; unset: weighted geometric mean of the data
};

// Returns `options` with floor and ceiling as they apply to `task`.
LawOptions OptionsForTask(const LawOptions& options, const std::string& task);

// The bounds of a parameter in the unit of a penalty of that form: [1e-6, 100] for A and B, [0, 10] for alpha and beta,
// [1, 1e5] tokens or [1e-3, 10] limits for the penalty's width, [0.25, 16] limits for its onset, [0, 0.5] for the floor
// and [0.5, 1] for the ceiling.
Range DefaultBounds(Coordinate coordinate, Penalty::Form form);

// The bounds of a parameter, those by default included.
Range BoundsOf(const LawOptions& options, Coordinate coordinate);

// The distance that WithAsymptoteBounds() keeps between a fitted asymptote and a chosen one, as a share of the way from
// this to its limit, 0 of a ceiling and 1 of a floor.
inline constexpr double kAsymptotesApart = 0.001;

// Returns `options` with the bounds that a fitted floor and ceiling have by default for scores of weighted mean
// `mean_score`, in [0, 1]: they meet at that mean, or at 0.5 if that is less, so that a ceiling may lie as low as the
// data say. They also keep away from a ceiling or a floor that is fixed or bounded.
LawOptions WithAsymptoteBounds(const LawOptions& options, double mean_score);

// Returns INVALID_ARGUMENT naming field, value and rule, such as `options.floor = 0.6: must be below the ceiling 0.5`,
// unless every option is valid.
absl::Status ValidateLaw(const LawOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_LAW_OPTIONS_H_
