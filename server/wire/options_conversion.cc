#include "server/wire/options_conversion.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/status_macros.h"
#include "kernels/fit/options.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/penalty.h"
#include "server/wire/choices_conversion.h"
#include "server/wire/limits.h"
#include "server/wire/parameters_conversion.h"
#include "server/wire/penalty_conversion.h"

namespace ctxfit {
namespace {

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
  CTXFIT_RETURN_IF_ERROR(CheckCount(absl::StrCat("options.", field, ".by_task"), from.by_task_size(), kMaxTasks));
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
  if (!TraitsOf(to.loss).has_threshold) {
    return absl::InvalidArgumentError(absl::StrCat("options.huber_threshold = ", from.huber_threshold(),
                                                   ": must be unset where the loss is not HUBER"));
  }
  to.threshold = from.huber_threshold();
  return absl::OkStatus();
}

absl::Status AddLaw(const v1::FitOptions& from, FitOptions& to) {
  CTXFIT_ASSIGN_OR_RETURN(to.penalty, FromProto(from.penalty()));
  CTXFIT_RETURN_IF_ERROR(AddLoss(from, to.loss));
  to.context_factor = !from.no_context_factor();
  CTXFIT_RETURN_IF_ERROR(AddFittedPenalty(from.penalty(), to));
  CTXFIT_RETURN_IF_ERROR(AddAsymptote("floor", from.floor(), to.parameters[kFloor], to.floor_by_task));
  return AddAsymptote("ceiling", from.ceiling(), to.parameters[kHeadroom], to.ceiling_by_task);
}

absl::Status AddSearch(const v1::SearchOptions& from, SearchOptions& to) {
  if (from.has_candidates()) to.candidates = from.candidates();
  if (from.has_max_generations()) to.max_generations = from.max_generations();
  if (from.has_tolerance_deviance()) to.tolerance_deviance = from.tolerance_deviance();
  return AddChoice("search.over", from.over(), "SearchOver", to.over);
}

void AddBootstrap(const v1::FitOptions& from, FitOptions& to) {
  const v1::BootstrapOptions& bootstrap = from.bootstrap();
  if (bootstrap.has_replicates()) to.bootstrap.replicates = bootstrap.replicates();
  if (bootstrap.has_confidence()) to.bootstrap.confidence = bootstrap.confidence();
  to.bootstrap.global_replicates = bootstrap.global_replicates();
  to.bootstrap.omit_replicates = bootstrap.omit_replicates();
  to.profile = from.profile_intervals();
}

absl::Status AddResampling(const v1::BootstrapOptions& from, BootstrapOptions& to) {
  CTXFIT_RETURN_IF_ERROR(AddChoice("bootstrap.resampling", from.resampling(), "Resampling", to.resampling));
  CTXFIT_RETURN_IF_ERROR(AddChoice("bootstrap.interval", from.interval(), "IntervalKind", to.interval));
  return AddChoice("bootstrap.weights", from.weights(), "WeightKind", to.weights);
}

v1::SearchOptions ToProto(const SearchOptions& search) {
  v1::SearchOptions converted;
  if (search.candidates) converted.set_candidates(*search.candidates);
  converted.set_max_generations(search.max_generations);
  converted.set_tolerance_deviance(search.tolerance_deviance);
  converted.set_over(ToProto(search.over));
  return converted;
}

v1::BootstrapOptions ToProto(const BootstrapOptions& bootstrap) {
  v1::BootstrapOptions converted;
  converted.set_replicates(bootstrap.replicates);
  converted.set_confidence(bootstrap.confidence);
  converted.set_global_replicates(bootstrap.global_replicates);
  converted.set_omit_replicates(bootstrap.omit_replicates);
  converted.set_resampling(ToProto(bootstrap.resampling));
  converted.set_interval(ToProto(bootstrap.interval));
  converted.set_weights(ToProto(bootstrap.weights));
  return converted;
}

}  // namespace

absl::StatusOr<FitOptions> FromProto(const v1::FitOptions& options) {
  FitOptions converted;
  CTXFIT_RETURN_IF_ERROR(CheckCount("options.bounds", options.bounds_size(), kMaxParameterOptions));
  CTXFIT_RETURN_IF_ERROR(CheckCount("options.fixed", options.fixed_size(), kMaxParameterOptions));
  CTXFIT_RETURN_IF_ERROR(AddLaw(options, converted));
  CTXFIT_RETURN_IF_ERROR(AddBoundsAndFixedValues(options, converted));
  const bool is_held = !converted.fit_penalty_width && !converted.fit_penalty_onset;
  converted.penalty.lag = is_held ? LagOf(converted.penalty.form, converted.penalty.width) : 0;
  if (options.has_compute_reference_flops()) converted.compute_reference_flops = options.compute_reference_flops();
  if (options.has_prompt_reference_tokens()) converted.prompt_reference_tokens = options.prompt_reference_tokens();
  converted.seed = static_cast<std::uint64_t>(options.seed());
  CTXFIT_RETURN_IF_ERROR(AddSearch(options.search(), converted.search));
  AddBootstrap(options, converted);
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
  if (TraitsOf(options.loss.loss).has_threshold) converted.set_huber_threshold(options.loss.threshold);
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
  converted.set_backtest(v1::BACKTEST_MODE_AUTO);  // a choice of the call that fits, not of the engine's fit
  return converted;
}

}  // namespace ctxfit
