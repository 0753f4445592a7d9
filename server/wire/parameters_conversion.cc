#include "server/wire/parameters_conversion.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/status_macros.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law_options.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"

namespace ctxfit {
namespace {

constexpr absl::string_view kFittedNames =
    "compute_coefficient, compute_exponent, context_coefficient, context_exponent, floor, ceiling";
constexpr absl::string_view kChosenNames =
    "compute_reference_flops, prompt_reference_tokens, penalty_width_tokens, penalty_width_ratio, penalty_onset_ratio";

bool IsOfPenalty(int coordinate) { return coordinate == kLogPenaltyWidth || coordinate == kLogPenaltyOnset; }

// Returns the options of the parameter of that name, or null if it cannot be fitted.
ParameterOptions* FindFitted(LawOptions& options, absl::string_view name) {
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (ParameterName(static_cast<Coordinate>(i), options.penalty.form) != name) continue;
    if (i == kLogPenaltyWidth && !options.fit_penalty_width) return nullptr;
    if (i == kLogPenaltyOnset && !options.fit_penalty_onset) return nullptr;
    return &options.parameters[i];
  }
  return nullptr;
}

// Returns the options of the parameter of that name, or null if it is not fixed by a value of its own.
ParameterOptions* FindHeld(LawOptions& options, absl::string_view name) {
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

absl::Status AddBounds(const v1::FitOptions& from, LawOptions& to) {
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

absl::Status Fix(const v1::FitOptions& from, int index, LawOptions& to) {
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

absl::Status AddFixed(const v1::FitOptions& from, LawOptions& to) {
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

}  // namespace

absl::Status AddBoundsAndFixedValues(const v1::FitOptions& from, LawOptions& to) {
  CTXFIT_RETURN_IF_ERROR(AddBounds(from, to));
  return AddFixed(from, to);
}

void AddParameters(const LawOptions& from, v1::FitOptions& to) {
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

}  // namespace ctxfit
