#include "kernels/law/options.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/exact_text.h"
#include "kernels/base/magnitude.h"
#include "kernels/base/status_macros.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/parameters.h"

namespace ctxfit {
namespace {

absl::Status Reject(absl::string_view field, double value, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat("options.", field, " = ", ExactText(value), ": must be ", rule));
}

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

absl::Status CheckParameter(Coordinate coordinate, const FitOptions& options) {
  const auto [rule, in_range] = ValueRuleFor(coordinate);
  const absl::string_view name = ParameterName(coordinate, options.penalty.form);
  const ParameterOptions& parameter = options.parameters[coordinate];
  const Range bounds = BoundsOf(options, coordinate);
  if (!in_range(bounds.lower)) return Reject(absl::StrCat("bounds[", name, "].lower"), bounds.lower, rule);
  if (!in_range(bounds.upper)) return Reject(absl::StrCat("bounds[", name, "].upper"), bounds.upper, rule);
  if (bounds.upper <= bounds.lower) {
    return Reject(absl::StrCat("bounds[", name, "].upper"), bounds.upper,
                  absl::StrCat("finite and > its lower bound ", bounds.lower));
  }
  if (parameter.fixed && !in_range(*parameter.fixed)) {
    return Reject(absl::StrCat("fixed[", name, "].value"), *parameter.fixed, rule);
  }
  return absl::OkStatus();
}

absl::Status CheckPenalty(const Penalty& penalty) {
  if (penalty.form == Penalty::Form::kNone) return absl::OkStatus();
  if (!IsPositive(penalty.width)) {
    return Reject(penalty.form == Penalty::Form::kTokens ? "penalty.width_tokens" : "penalty.width_ratio",
                  penalty.width, "finite and > 0");
  }
  if (!IsPositive(penalty.onset_ratio)) return Reject("penalty.onset_ratio", penalty.onset_ratio, "finite and > 0");
  return absl::OkStatus();
}

// The values that floor or ceiling may take; unset where they follow from the data.
std::optional<Range> ChosenRange(const FitOptions& options, Coordinate coordinate) {
  const ParameterOptions& parameter = options.parameters[coordinate];
  return parameter.fixed ? Range{*parameter.fixed, *parameter.fixed} : parameter.bounds;
}

// Requires every floor allowed to be below every ceiling allowed. If both are fitted, their bounds may touch.
absl::Status CheckAsymptotes(const FitOptions& options) {
  const Range floor = ChosenRange(options, kFloor).value_or(Range{0, 0});
  const Range ceiling = ChosenRange(options, kHeadroom).value_or(Range{1, 1});
  const bool both_fitted = !options.parameters[kFloor].fixed && !options.parameters[kHeadroom].fixed;
  if (floor.upper < ceiling.lower || (both_fitted && floor.upper == ceiling.lower)) return absl::OkStatus();
  return Reject("floor", floor.upper, absl::StrCat("below the ceiling ", ceiling.lower));
}

absl::Status CheckLoss(const LossRule& loss) {
  if (loss.threshold > 0 && loss.threshold <= 1) return absl::OkStatus();
  return Reject("huber_threshold", loss.threshold, "in (0, 1]");
}

absl::Status CheckReference(absl::string_view field, const std::optional<double>& value) {
  if (!value || IsMagnitude(*value)) return absl::OkStatus();
  return Reject(field, *value, BrokenMagnitudeRule(*value));
}

absl::Status CheckSearch(const SearchOptions& search) {
  if (search.candidates && (*search.candidates < 8 || *search.candidates > 65536)) {
    return Reject("search.candidates", *search.candidates, "in [8, 65536]");
  }
  if (search.max_generations < 1 || search.max_generations > 10000) {
    return Reject("search.max_generations", search.max_generations, "in [1, 10000]");
  }
  if (!IsPositive(search.tolerance_deviance)) {
    return Reject("search.tolerance_deviance", search.tolerance_deviance, "finite and > 0");
  }
  if (search.stagnation_generations < 1) {
    return Reject("search.stagnation_generations", search.stagnation_generations, ">= 1");
  }
  if (!(search.crossover >= 0 && search.crossover <= 1))
    return Reject("search.crossover", search.crossover, "in [0, 1]");
  if (!(search.mutation.lower > 0 && search.mutation.lower <= search.mutation.upper && search.mutation.upper <= 2)) {
    return Reject("search.mutation.lower", search.mutation.lower,
                  absl::StrCat("> 0 and <= its upper end ", search.mutation.upper, ", which must be <= 2"));
  }
  if (search.refined_candidates < 2) return Reject("search.refined_candidates", search.refined_candidates, ">= 2");
  return absl::OkStatus();
}

absl::Status CheckBootstrap(const BootstrapOptions& bootstrap) {
  if (bootstrap.replicates != 0 && (bootstrap.replicates < 20 || bootstrap.replicates > 100000)) {
    return Reject("bootstrap.replicates", bootstrap.replicates, "0 or in [20, 100000]");
  }
  if (!(bootstrap.confidence > 0 && bootstrap.confidence < 1)) {
    return Reject("bootstrap.confidence", bootstrap.confidence, "in (0, 1)");
  }
  if (bootstrap.global_replicates < 0 || bootstrap.global_replicates > bootstrap.replicates) {
    return Reject("bootstrap.global_replicates", bootstrap.global_replicates,
                  absl::StrCat("in [0, ", bootstrap.replicates, "], the replicates"));
  }
  if (bootstrap.resampling == Resampling::kTwoWay && bootstrap.interval == IntervalKind::kBca) {
    return absl::InvalidArgumentError(
        "options.bootstrap.interval = BCA: must be PERCENTILE in two-way resampling, whose units have no influence of "
        "their own");
  }
  if (bootstrap.resampling == Resampling::kStratified && bootstrap.weights == WeightKind::kPoisson) {
    return absl::InvalidArgumentError(
        "options.bootstrap.weights = POISSON: must be EXPONENTIAL or MULTINOMIAL in stratified resampling, where each "
        "level keeps its share");
  }
  return absl::OkStatus();
}

}  // namespace

FitOptions OptionsForTask(const FitOptions& options, const std::string& task) {
  FitOptions chosen = options;
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

Range BoundsOf(const FitOptions& options, Coordinate coordinate) {
  return options.parameters[coordinate].bounds.value_or(DefaultBounds(coordinate, options.penalty.form));
}

FitOptions WithAsymptoteBounds(const FitOptions& options, double mean_score) {
  constexpr double kLeast = 0.01;  // least share of a split, so that neither side is empty
  const double split = std::clamp(mean_score, kLeast, 0.5);
  const std::optional<Range> floor = ChosenRange(options, kFloor);
  const std::optional<Range> ceiling = ChosenRange(options, kHeadroom);
  FitOptions chosen = options;
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

FitOptions WithoutIntervals(const FitOptions& options) {
  FitOptions chosen = options;
  chosen.bootstrap.replicates = 0;
  chosen.bootstrap.global_replicates = 0;
  chosen.profile = false;
  return chosen;
}

absl::Status Validate(const FitOptions& options) {
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
        return Reject(absl::StrCat(name, ".by_task[\"", task, "\"]"), value, "in [0, 1]");
      CTXFIT_RETURN_IF_ERROR(CheckAsymptotes(OptionsForTask(options, task)));
    }
  }
  CTXFIT_RETURN_IF_ERROR(CheckReference("compute_reference_flops", options.compute_reference_flops));
  CTXFIT_RETURN_IF_ERROR(CheckReference("prompt_reference_tokens", options.prompt_reference_tokens));
  CTXFIT_RETURN_IF_ERROR(CheckSearch(options.search));
  return CheckBootstrap(options.bootstrap);
}

}  // namespace ctxfit
