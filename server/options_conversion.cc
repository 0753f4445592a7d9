#include "server/options_conversion.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ctxfit {
namespace {

constexpr absl::string_view kFittedNames =
    "compute_coefficient, compute_exponent, context_coefficient, context_exponent";
constexpr absl::string_view kChosenNames =
    "compute_reference_flops, prompt_reference_tokens, penalty_width_tokens, penalty_width_ratio, penalty_onset_ratio";

// The options of the fitted parameter of that name, or null.
ParameterOptions* FindParameter(FitOptions& options, absl::string_view name) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (ParameterName(static_cast<Coordinate>(i)) == name) return &options.parameters[i];
  }
  return nullptr;
}

absl::Status RejectName(absl::string_view list, int index, absl::string_view name, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat("options.", list, "[", index, "].name = \"", name, "\": ", rule));
}

// A value that is set both in `fixed` and in a field of its own.
absl::Status RejectTwice(int index, absl::string_view name, absl::string_view field) {
  return RejectName("fixed", index, name, absl::StrCat("contradicts options.", field, ", which is set too"));
}

absl::Status AddBounds(const v1::FitOptions& from, FitOptions& to) {
  std::set<std::string> seen;
  for (int i = 0; i < from.bounds_size(); ++i) {
    const v1::Bound& bound = from.bounds(i);
    ParameterOptions* parameter = FindParameter(to, bound.name());
    if (parameter == nullptr) {
      return RejectName("bounds", i, bound.name(), absl::StrCat("must be one of ", kFittedNames));
    }
    if (!seen.insert(bound.name()).second) return RejectName("bounds", i, bound.name(), "must have one bound only");
    parameter->bounds = {bound.lower(), bound.upper()};
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
    if (penalty.has_onset_ratio()) return RejectTwice(index, fixed.name(), "penalty.onset_ratio");
    to.onset_ratio = fixed.value();
    return absl::OkStatus();
  }
  if (penalty.width_case() != v1::Penalty::WIDTH_NOT_SET) return RejectTwice(index, fixed.name(), "penalty.width");
  to.form = fixed.name() == "penalty_width_tokens" ? Penalty::Form::kTokens : Penalty::Form::kRatio;
  to.width = fixed.value();
  return absl::OkStatus();
}

absl::Status Fix(const v1::FitOptions& from, int index, FitOptions& to) {
  const v1::FixedParameter& fixed = from.fixed(index);
  const std::string& name = fixed.name();
  if (ParameterOptions* parameter = FindParameter(to, name)) {
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
    if (absl::Status status = Fix(from, i, to); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void AddSearchAndBootstrap(const v1::FitOptions& from, FitOptions& to) {
  const v1::SearchOptions& search = from.search();
  if (search.has_candidates()) to.search.candidates = search.candidates();
  if (search.has_max_generations()) to.search.max_generations = search.max_generations();
  if (search.has_tolerance_deviance()) to.search.tolerance_deviance = search.tolerance_deviance();
  const v1::BootstrapOptions& bootstrap = from.bootstrap();
  if (bootstrap.has_replicates()) to.bootstrap.replicates = bootstrap.replicates();
  if (bootstrap.has_confidence()) to.bootstrap.confidence = bootstrap.confidence();
}

}  // namespace

absl::StatusOr<Penalty> FromProto(const v1::Penalty& penalty) {
  Penalty converted;
  if (penalty.has_onset_ratio()) converted.onset_ratio = penalty.onset_ratio();
  switch (penalty.width_case()) {
    case v1::Penalty::kWidthTokens:
      converted.width = penalty.width_tokens();
      break;
    case v1::Penalty::kWidthRatio:
      converted.form = Penalty::Form::kRatio;
      converted.width = penalty.width_ratio();
      break;
    case v1::Penalty::kNone:
      if (!penalty.none()) return absl::InvalidArgumentError("options.penalty.none = false: must be true when set");
      converted.form = Penalty::Form::kNone;
      break;
    case v1::Penalty::WIDTH_NOT_SET:
      break;
  }
  return converted;
}

v1::Penalty ToProto(const Penalty& penalty) {
  v1::Penalty converted;
  switch (penalty.form) {
    case Penalty::Form::kNone:
      converted.set_none(true);
      return converted;
    case Penalty::Form::kTokens:
      converted.set_width_tokens(penalty.width);
      break;
    case Penalty::Form::kRatio:
      converted.set_width_ratio(penalty.width);
      break;
  }
  converted.set_onset_ratio(penalty.onset_ratio);
  return converted;
}

absl::StatusOr<FitOptions> FromProto(const v1::FitOptions& options) {
  FitOptions converted;
  absl::StatusOr<Penalty> penalty = FromProto(options.penalty());
  if (!penalty.ok()) return penalty.status();
  converted.penalty = *penalty;
  if (absl::Status status = AddBounds(options, converted); !status.ok()) return status;
  if (absl::Status status = AddFixed(options, converted); !status.ok()) return status;
  if (options.has_compute_reference_flops()) converted.compute_reference_flops = options.compute_reference_flops();
  if (options.has_prompt_reference_tokens()) converted.prompt_reference_tokens = options.prompt_reference_tokens();
  converted.seed = static_cast<std::uint64_t>(options.seed());
  AddSearchAndBootstrap(options, converted);
  if (!v1::Backend_IsValid(options.backend())) {
    return absl::InvalidArgumentError(
        absl::StrCat("options.backend = ", static_cast<int>(options.backend()), ": must be a value of Backend"));
  }
  if (absl::Status status = Validate(converted); !status.ok()) return status;
  return converted;
}

v1::FitOptions ToProto(const FitOptions& options, v1::Backend backend) {
  v1::FitOptions converted;
  *converted.mutable_penalty() = ToProto(options.penalty);
  for (int i = 0; i < kCoordinateCount; ++i) {
    const ParameterOptions& parameter = options.parameters[i];
    const std::string name(ParameterName(static_cast<Coordinate>(i)));
    if (parameter.fixed) {
      v1::FixedParameter* fixed = converted.add_fixed();
      fixed->set_name(name);
      fixed->set_value(*parameter.fixed);
    } else {
      v1::Bound* bound = converted.add_bounds();
      bound->set_name(name);
      bound->set_lower(parameter.bounds.lower);
      bound->set_upper(parameter.bounds.upper);
    }
  }
  if (options.compute_reference_flops) converted.set_compute_reference_flops(*options.compute_reference_flops);
  if (options.prompt_reference_tokens) converted.set_prompt_reference_tokens(*options.prompt_reference_tokens);
  converted.set_seed(static_cast<std::int64_t>(options.seed));
  converted.set_backend(backend);
  if (options.search.candidates) converted.mutable_search()->set_candidates(*options.search.candidates);
  converted.mutable_search()->set_max_generations(options.search.max_generations);
  converted.mutable_search()->set_tolerance_deviance(options.search.tolerance_deviance);
  converted.mutable_bootstrap()->set_replicates(options.bootstrap.replicates);
  converted.mutable_bootstrap()->set_confidence(options.bootstrap.confidence);
  return converted;
}

}  // namespace ctxfit
