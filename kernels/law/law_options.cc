#include "kernels/law/law_options.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/magnitude.h"
#include "kernels/base/status_macros.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/option_error.h"
#include "kernels/law/parameters.h"

namespace ctxfit {
namespace {

bool IsPositive(double value) { return std::isfinite(value) && value > 0; }

// The values that a parameter may take.
struct ValueRule {
  absl::string_view text;
  bool (*holds)(double value);
};

ValueRule ValueRuleFor(Coordinate coordinate) {
  switch (coordinate) {
    case kComputeExponent:
    case kContextExponent:
      return {"finite and >= 0", [](double value) { return std::isfinite(value) && value >= 0; }};
    case kFloor:
    case kHeadroom:
      return {"in [0, 1]", [](double value) { return value >= 0 && value <= 1; }};
    default:
      return {"finite and > 0", IsPositive};
  }
}

absl::Status CheckParameter(Coordinate coordinate, const LawOptions& options) {
  const auto [rule, in_range] = ValueRuleFor(coordinate);
  const absl::string_view name = ParameterName(coordinate, options.penalty.form);
  const ParameterOptions& parameter = options.parameters[coordinate];
  const Range bounds = BoundsOf(options, coordinate);
  if (!in_range(bounds.lower)) return OptionError(absl::StrCat("bounds[", name, "].lower"), bounds.lower, rule);
  if (!in_range(bounds.upper)) return OptionError(absl::StrCat("bounds[", name, "].upper"), bounds.upper, rule);
  if (bounds.upper <= bounds.lower) {
    return OptionError(absl::StrCat("bounds[", name, "].upper"), bounds.upper,
                       absl::StrCat("finite and > its lower bound ", bounds.lower));
  }
  if (parameter.fixed && !in_range(*parameter.fixed)) {
    return OptionError(absl::StrCat("fixed[", name, "].value"), *parameter.fixed, rule);
  }
  return absl::OkStatus();
}

absl::Status CheckPenalty(const Penalty& penalty) {
  if (penalty.form == Penalty::Form::kNone) return absl::OkStatus();
  if (!IsPositive(penalty.width)) {
    return OptionError(penalty.form == Penalty::Form::kTokens ? "penalty.width_tokens" : "penalty.width_ratio",
                       penalty.width, "finite and > 0");
  }
  if (!IsPositive(penalty.onset_ratio))
    return OptionError("penalty.onset_ratio", penalty.onset_ratio, "finite and > 0");
  return absl::OkStatus();
}

// The values that floor or ceiling may take; unset where they follow from the data.
std::optional<Range> ChosenRange(const LawOptions& options, Coordinate coordinate) {
  const ParameterOptions& parameter = options.parameters[coordinate];
  return parameter.fixed ? Range{*parameter.fixed, *parameter.fixed} : parameter.bounds;
}

// Requires every floor allowed to be below every ceiling allowed. If both are fitted, their bounds may touch.
absl::Status CheckAsymptotes(const LawOptions& options) {
  const Range floor = ChosenRange(options, kFloor).value_or(Range{0, 0});
  const Range ceiling = ChosenRange(options, kHeadroom).value_or(Range{1, 1});
  const bool both_fitted = !options.parameters[kFloor].fixed && !options.parameters[kHeadroom].fixed;
  if (floor.upper < ceiling.lower || (both_fitted && floor.upper == ceiling.lower)) return absl::OkStatus();
  return OptionError("floor", floor.upper, absl::StrCat("below the ceiling ", ceiling.lower));
}

absl::Status CheckLoss(const LossRule& loss) {
  if (loss.threshold > 0 && loss.threshold <= 1) return absl::OkStatus();
  return OptionError("huber_threshold", loss.threshold, "in (0, 1]");
}

absl::Status CheckReference(absl::string_view field, const std::optional<double>& value) {
  if (!value || IsMagnitude(*value)) return absl::OkStatus();
  return OptionError(field, *value, BrokenMagnitudeRule(*value));
}

}  // namespace

LawOptions OptionsForTask(const LawOptions& options, const std::string& task) {
  LawOptions chosen = options;
  const auto choose = [&](const std::map<std::string, double>& by_task, Coordinate coordinate) {
    const auto found = by_task.find(task);
    if (found != by_task.end()) chosen.parameters[coordinate].fixed = found->second;
  };
  choose(options.floor_by_task, kFloor);
  choose(options.ceiling_by_task, kHeadroom);
  return chosen;
}

Range DefaultBounds(Coordinate coordinate, Penalty::Form form) {
  switch (coordinate) {
    case kLogComputeCoefficient:
    case kLogContextCoefficient:
      return {1e-6, 100};
    case kComputeExponent:
    case kContextExponent:
      return {0, 10};
    case kLogPenaltyWidth:
      return form == Penalty::Form::kRatio ? Range{1e-3, 10} : Range{1, 1e5};
    case kLogPenaltyOnset:
      return {0.25, 16};
    case kFloor:
      return {0, 0.5};
    default:  // kHeadroom
      return {0.5, 1};
  }
}

Range BoundsOf(const LawOptions& options, Coordinate coordinate) {
  return options.parameters[coordinate].bounds.value_or(DefaultBounds(coordinate, options.penalty.form));
}

LawOptions WithAsymptoteBounds(const LawOptions& options, double mean_score) {
  constexpr double kLeast = 0.01;  // least share of a split, so that neither side is empty
  const double split = std::clamp(mean_score, kLeast, 0.5);
  const std::optional<Range> floor = ChosenRange(options, kFloor);
  const std::optional<Range> ceiling = ChosenRange(options, kHeadroom);
  LawOptions chosen = options;
  if (!floor) {
    const double upper = ceiling ? std::min(0.5, ceiling->lower * (1 - kAsymptotesApart)) : split;
    chosen.parameters[kFloor] = {Range{0, upper}, {}, true};
  }
  if (!ceiling) {
    const double lower = floor ? std::max(split, floor->upper + kAsymptotesApart * (1 - floor->upper)) : split;
    chosen.parameters[kHeadroom] = {Range{lower, 1}, {}, true};
  }
  return chosen;
}

absl::Status ValidateLaw(const LawOptions& options) {
  CTXFIT_RETURN_IF_ERROR(CheckLoss(options.loss));
  CTXFIT_RETURN_IF_ERROR(CheckPenalty(options.penalty));
  for (int i = 0; i < kCoordinateCount; ++i) {
    CTXFIT_RETURN_IF_ERROR(CheckParameter(static_cast<Coordinate>(i), options));
  }
  CTXFIT_RETURN_IF_ERROR(CheckAsymptotes(options));
  for (const auto* by_task : {&options.floor_by_task, &options.ceiling_by_task}) {
    for (const auto& [task, value] : *by_task) {
      const absl::string_view name = by_task == &options.floor_by_task ? "floor" : "ceiling";
      if (!(value >= 0 && value <= 1))
        return OptionError(absl::StrCat(name, ".by_task[\"", task, "\"]"), value, "in [0, 1]");
      CTXFIT_RETURN_IF_ERROR(CheckAsymptotes(OptionsForTask(options, task)));
    }
  }
  CTXFIT_RETURN_IF_ERROR(CheckReference("compute_reference_flops", options.compute_reference_flops));
  return CheckReference("prompt_reference_tokens", options.prompt_reference_tokens);
}

}  // namespace ctxfit
