#include "server/wire/options_conversion.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/status_macros.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "server/wire/choices_conversion.h"
#include "server/wire/penalty_conversion.h"

namespace ctxfit {
namespace {

constexpr absl::string_view kFittedNames =
    "compute_coefficient, compute_exponent, context_coefficient, context_exponent, floor, ceiling";
constexpr absl::string_view kChosenNames =
    "compute_reference_flops, prompt_reference_tokens, penalty_width_tokens, penalty_width_ratio, penalty_onset_ratio";

bool IsOfPenalty(int coordinate) { return coordinate == kLogPenaltyWidth || coordinate == kLogPenaltyOnset; }

// Returns the options of the parameter of that name, or null if it cannot be fitted.
ParameterOptions* FindFitted(FitOptions& options, absl::string_view name) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (ParameterName(static_cast<Coordinate>(i), options.penalty.form) != name) continue;
    if (i == kLogPenaltyWidth && !options.fit_penalty_width) return nullptr;
    if (i == kLogPenaltyOnset && !options.fit_penalty_onset) return nullptr;
    return &options.parameters[i];
  }
  return nullptr;
}

// Returns the options of the parameter of that name, or null if it is not fixed by a value of its own.
ParameterOptions* FindHeld(FitOptions& options, absl::string_view name) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!IsOfPenalty(i) && ParameterName(static_cast<Coordinate>(i)) == name) return &options.parameters[i];
  }
  return nullptr;
}

absl::Status RejectName(absl::string_view list, int index, absl::string_view name, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat("options.", list, "[", index, "].name = \"", name, "\": ", rule));
}

// Returns the error for a value set both in `fixed` and in a field of its own.
absl::Status RejectTwice(int index, absl::string_view name, absl::string_view field) {
  return RejectName("fixed", index, name, absl::StrCat("contradicts options.", field, ", which is set too"));
}

absl::Status AddBounds(const v1::FitOptions& from, FitOptions& to) {
  std::set<std::string> seen;
  for (int i = 0; i < from.bounds_size(); ++i) {
    const v1::Bound& bound = from.bounds(i);
    ParameterOptions* parameter = FindFitted(to, bound.name());
    if (parameter == nullptr) {
      return RejectName("bounds", i, bound.name(),
                        absl::StrCat("must be one of ", kFittedNames, ", or of the penalty where that is fitted"));
    }
    if (parameter->fixed) return RejectName("bounds", i, bound.name(), "must be fitted to be bounded");
    if (!seen.insert(bound.name()).second) return RejectName("bounds", i, bound.name(), "must have one bound only");
    parameter->bounds = Range{bound.lower(), bound.upper()};
  }
  for (int i = 0; i < from.fixed_size(); ++i) {
    if (!seen.contains(from.fixed(i).name())) continue;
    return RejectName("fixed", i, from.fixed(i).name(), "must not be bounded as well");
  }
  return absl::OkStatus();
}

absl::Status FixPenalty(const v1::Penalty& penalty, int index, const v1::FixedParameter& fixed, Penalty& to) {
  if (to.form == Penalty::Form::kNone) return RejectTwice(index, fixed.name(), "penalty.none");
  if (fixed.name() == "penalty_onset_ratio") {
    if (penalty.fit_onset()) return RejectTwice(index, fixed.name(), "penalty.fit_onset");
    if (penalty.has_onset_ratio()) return RejectTwice(index, fixed.name(), "penalty.onset_ratio");
    to.onset_ratio = fixed.value();
    return absl::OkStatus();
  }
  if (penalty.fit_width()) return RejectTwice(index, fixed.name(), "penalty.fit_width");
  if (penalty.width_case() != v1::Penalty::WIDTH_NOT_SET) return RejectTwice(index, fixed.name(), "penalty.width");
  to.form = fixed.name() == "penalty_width_tokens" ? Penalty::Form::kTokens : Penalty::Form::kRatio;
  to.width = fixed.value();
  return absl::OkStatus();
}

absl::Status Fix(const v1::FitOptions& from, int index, FitOptions& to) {
  const v1::FixedParameter& fixed = from.fixed(index);
  const std::string& name = fixed.name();
  if (name == "floor" && from.has_floor()) return RejectTwice(index, name, name);
  if (name == "ceiling" && from.has_ceiling()) return RejectTwice(index, name, name);
  if (ParameterOptions* parameter = FindHeld(to, name)) {
    parameter->fixed = fixed.value();
    return absl::OkStatus();
  }
  if (name == "compute_reference_flops") {
    if (from.has_compute_reference_flops()) return RejectTwice(index, name, name);
    to.compute_reference_flops = fixed.value();
    return absl::OkStatus();
  }
  if (name == "prompt_reference_tokens") {
    if (from.has_prompt_reference_tokens()) return RejectTwice(index, name, name);
    to.prompt_reference_tokens = fixed.value();
    return absl::OkStatus();
  }
  if (name == "penalty_width_tokens" || name == "penalty_width_ratio" || name == "penalty_onset_ratio") {
    return FixPenalty(from.penalty(), index, fixed, to.penalty);
  }
  return RejectName("fixed", index, name, absl::StrCat("must be one of ", kFittedNames, ", ", kChosenNames));
}

absl::Status AddFixed(const v1::FitOptions& from, FitOptions& to) {
  std::set<std::string> seen;
  for (int i = 0; i < from.fixed_size(); ++i) {
    const std::string& name = from.fixed(i).name();
    const bool is_width = name == "penalty_width_tokens" || name == "penalty_width_ratio";
    if (!seen.insert(is_width ? "penalty_width" : name).second) {
      return RejectName("fixed", i, name, "must be fixed once only");
    }
    CTXFIT_RETURN_IF_ERROR(Fix(from, i, to));
  }
  return absl::OkStatus();
}

absl::Status AddFittedPenalty(const v1::Penalty& from, FitOptions& to) {
  if (from.width_case() == v1::Penalty::kNone && (from.fit_width() || from.fit_onset())) {
    return absl::InvalidArgumentError("options.penalty.none = true: must be unset where width or onset is fitted");
  }
  if (from.fit_onset() && from.has_onset_ratio()) {
    return absl::InvalidArgumentError(
        absl::StrCat("options.penalty.onset_ratio = ", from.onset_ratio(), ": must be unset where it is fitted"));
  }
  to.fit_penalty_width = from.fit_width();
  to.fit_penalty_onset = from.fit_onset();
  if (!from.fit_width()) return absl::OkStatus();
  if (from.width_case() != v1::Penalty::kWidthTokens) {
    to.penalty.form = Penalty::Form::kRatio;
    if (!from.has_width_ratio()) to.penalty.width = 0.1;
  }
  return absl::OkStatus();
}

absl::Status AddAsymptote(absl::string_view field, const v1::Asymptote& from, ParameterOptions& to,
                          std::map<std::string, double>& by_task) {
  if (from.kind_case() == v1::Asymptote::kValue) to.fixed = from.value();
  if (from.kind_case() == v1::Asymptote::kFitted) {
    if (!from.fitted()) {
      return absl::InvalidArgumentError(absl::StrCat("options.", field, ".fitted = false: must be true when set"));
    }
    to.fixed.reset();
  }
  by_task = {from.by_task().begin(), from.by_task().end()};
  return absl::OkStatus();
}

v1::Asymptote ToProto(const ParameterOptions& parameter, const std::map<std::string, double>& by_task) {
  v1::Asymptote converted;
  if (parameter.fixed) {
    converted.set_value(*parameter.fixed);
  } else {
    converted.set_fitted(true);
  }
  converted.mutable_by_task()->insert(by_task.begin(), by_task.end());
  return converted;
}

// Sets `to` to the choice of a request. INVALID_ARGUMENT if its number names no choice.
template <class To, class From>
absl::Status AddChoice(absl::string_view field, From from, absl::string_view type, To& to) {
  const std::optional<To> choice = FromProto(from);
  if (!choice) {
    return absl::InvalidArgumentError(
        absl::StrCat("options.", field, " = ", static_cast<int>(from), ": must be a value of ", type));
  }
  to = *choice;
  return absl::OkStatus();
}

absl::Status AddLoss(const v1::FitOptions& from, LossRule& to) {
  CTXFIT_RETURN_IF_ERROR(AddChoice("loss", from.loss(), "Loss", to.loss));
  if (!from.has_huber_threshold()) return absl::OkStatus();
  if (to.loss != Loss::kHuber) {
    return absl::InvalidArgumentError(absl::StrCat("options.huber_threshold = ", from.huber_threshold(),
                                                   ": must be unset where the loss is not HUBER"));
  }
  to.threshold = from.huber_threshold();
  return absl::OkStatus();
}

absl::Status AddLaw(const v1::FitOptions& from, FitOptions& to) {
  absl::StatusOr<Penalty> penalty = FromProto(from.penalty());
  if (!penalty.ok()) return penalty.status();
  to.penalty = *penalty;
  CTXFIT_RETURN_IF_ERROR(AddLoss(from, to.loss));
  to.context_factor = !from.no_context_factor();
  CTXFIT_RETURN_IF_ERROR(AddFittedPenalty(from.penalty(), to));
  if (absl::Status status = AddAsymptote("floor", from.floor(), to.parameters[kFloor], to.floor_by_task);
      !status.ok()) {
    return status;
  }
  return AddAsymptote("ceiling", from.ceiling(), to.parameters[kHeadroom], to.ceiling_by_task);
}

void AddSearchAndBootstrap(const v1::FitOptions& from, FitOptions& to) {
  const v1::SearchOptions& search = from.search();
  if (search.has_candidates()) to.search.candidates = search.candidates();
  if (search.has_max_generations()) to.search.max_generations = search.max_generations();
  if (search.has_tolerance_deviance()) to.search.tolerance_deviance = search.tolerance_deviance();
  const v1::BootstrapOptions& bootstrap = from.bootstrap();
  if (bootstrap.has_replicates()) to.bootstrap.replicates = bootstrap.replicates();
  if (bootstrap.has_confidence()) to.bootstrap.confidence = bootstrap.confidence();
  to.bootstrap.global_replicates = bootstrap.global_replicates();
  to.profile = from.profile_intervals();
}

absl::Status AddResampling(const v1::BootstrapOptions& from, BootstrapOptions& to) {
  CTXFIT_RETURN_IF_ERROR(AddChoice("bootstrap.resampling", from.resampling(), "Resampling", to.resampling));
  CTXFIT_RETURN_IF_ERROR(AddChoice("bootstrap.interval", from.interval(), "IntervalKind", to.interval));
  return AddChoice("bootstrap.weights", from.weights(), "WeightKind", to.weights);
}

// Adds the bounds of fitted parameters and the values of fixed ones. A fixed floor, ceiling and penalty have fields of
// their own. Bounds of floor and ceiling that follow from the data are left out.
void AddParameters(const FitOptions& from, v1::FitOptions& to) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    const ParameterOptions& parameter = from.parameters[i];
    const std::string name(ParameterName(static_cast<Coordinate>(i), from.penalty.form));
    if (i == kLogPenaltyWidth && !from.fit_penalty_width) continue;
    if (i == kLogPenaltyOnset && !from.fit_penalty_onset) continue;
    const bool is_asymptote = i == kFloor || i == kHeadroom;
    if (is_asymptote && (parameter.fixed || !parameter.bounds)) continue;
    if (parameter.fixed) {
      v1::FixedParameter* fixed = to.add_fixed();
      fixed->set_name(name);
      fixed->set_value(*parameter.fixed);
    } else {
      v1::Bound* bound = to.add_bounds();
      bound->set_name(name);
      const Range bounds = BoundsOf(from, static_cast<Coordinate>(i));
      bound->set_lower(bounds.lower);
      bound->set_upper(bounds.upper);
    }
  }
}

v1::SearchOptions ToProto(const SearchOptions& search) {
  v1::SearchOptions converted;
  if (search.candidates) converted.set_candidates(*search.candidates);
  converted.set_max_generations(search.max_generations);
  converted.set_tolerance_deviance(search.tolerance_deviance);
  return converted;
}

v1::BootstrapOptions ToProto(const BootstrapOptions& bootstrap) {
  v1::BootstrapOptions converted;
  converted.set_replicates(bootstrap.replicates);
  converted.set_confidence(bootstrap.confidence);
  converted.set_global_replicates(bootstrap.global_replicates);
  converted.set_resampling(ToProto(bootstrap.resampling));
  converted.set_interval(ToProto(bootstrap.interval));
  converted.set_weights(ToProto(bootstrap.weights));
  return converted;
}

}  // namespace

absl::StatusOr<FitOptions> FromProto(const v1::FitOptions& options) {
  FitOptions converted;
  CTXFIT_RETURN_IF_ERROR(AddLaw(options, converted));
  CTXFIT_RETURN_IF_ERROR(AddBounds(options, converted));
  CTXFIT_RETURN_IF_ERROR(AddFixed(options, converted));
  const bool is_held = !converted.fit_penalty_width && !converted.fit_penalty_onset;
  converted.penalty.lag = is_held ? LagOf(converted.penalty.form, converted.penalty.width) : 0;
  if (options.has_compute_reference_flops()) converted.compute_reference_flops = options.compute_reference_flops();
  if (options.has_prompt_reference_tokens()) converted.prompt_reference_tokens = options.prompt_reference_tokens();
  converted.seed = static_cast<std::uint64_t>(options.seed());
  AddSearchAndBootstrap(options, converted);
  CTXFIT_RETURN_IF_ERROR(AddResampling(options.bootstrap(), converted.bootstrap));
  if (!v1::Backend_IsValid(options.backend())) {
    return absl::InvalidArgumentError(
        absl::StrCat("options.backend = ", static_cast<int>(options.backend()), ": must be a value of Backend"));
  }
  CTXFIT_RETURN_IF_ERROR(Validate(converted));
  return converted;
}

v1::FitOptions ToProto(const FitOptions& options, v1::Backend backend) {
  v1::FitOptions converted;
  *converted.mutable_penalty() = ToProto(options.penalty);
  converted.mutable_penalty()->set_fit_width(options.fit_penalty_width);
  converted.mutable_penalty()->set_fit_onset(options.fit_penalty_onset);
  if (options.fit_penalty_onset) converted.mutable_penalty()->clear_onset_ratio();
  converted.set_loss(ToProto(options.loss.loss));
  if (options.loss.loss == Loss::kHuber) converted.set_huber_threshold(options.loss.threshold);
  converted.set_no_context_factor(!options.context_factor);
  *converted.mutable_floor() = ToProto(options.parameters[kFloor], options.floor_by_task);
  *converted.mutable_ceiling() = ToProto(options.parameters[kHeadroom], options.ceiling_by_task);
  AddParameters(options, converted);
  if (options.compute_reference_flops) converted.set_compute_reference_flops(*options.compute_reference_flops);
  if (options.prompt_reference_tokens) converted.set_prompt_reference_tokens(*options.prompt_reference_tokens);
  converted.set_seed(static_cast<std::int64_t>(options.seed));
  converted.set_backend(backend);
  *converted.mutable_search() = ToProto(options.search);
  *converted.mutable_bootstrap() = ToProto(options.bootstrap);
  converted.set_profile_intervals(options.profile);
  return converted;
}

}  // namespace ctxfit
