#include "server/wire/fit_conversion.h"

#include <google/protobuf/util/time_util.h>

#include <cmath>
#include <iterator>

#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/parameters.h"
#include "kernels/predict/predictions.h"
#include "server/wire/choices_conversion.h"
#include "server/wire/law_conversion.h"
#include "server/wire/options_conversion.h"
#include "server/wire/version.h"

namespace ctxfit {
namespace {

google::protobuf::Duration ToProto(absl::Duration duration) {
  return google::protobuf::util::TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(duration));
}

v1::Estimate ToProto(const Estimate& estimate) {
  v1::Estimate converted;
  converted.set_name(estimate.name);
  if (estimate.value) converted.set_value(*estimate.value);
  if (estimate.standard_error) converted.set_standard_error(*estimate.standard_error);
  if (estimate.interval) {
    converted.set_lower(estimate.interval->lower);
    if (std::isfinite(estimate.interval->upper)) converted.set_upper(estimate.interval->upper);
  }
  if (estimate.monte_carlo_error) {
    converted.set_lower_monte_carlo_error(estimate.monte_carlo_error->lower);
    converted.set_upper_monte_carlo_error(estimate.monte_carlo_error->upper);
  }
  if (estimate.sandwich_standard_error) converted.set_sandwich_standard_error(*estimate.sandwich_standard_error);
  if (estimate.sandwich_interval) {
    converted.set_sandwich_lower(estimate.sandwich_interval->lower);
    converted.set_sandwich_upper(estimate.sandwich_interval->upper);
  }
  if (estimate.profile_lower) converted.set_profile_lower(*estimate.profile_lower);
  if (estimate.profile_upper) converted.set_profile_upper(*estimate.profile_upper);
  converted.set_profile_reason(estimate.profile_reason);
  if (estimate.determining_units) converted.set_determining_unit_count(*estimate.determining_units);
  converted.set_fixed(estimate.fixed);
  converted.set_identified(estimate.identified);
  converted.set_reason(estimate.reason);
  return converted;
}

v1::Diagnostics ToProto(const Diagnostics& diagnostics, const Penalty& penalty) {
  v1::Diagnostics converted;
  if (diagnostics.condition_number) converted.set_condition_number(*diagnostics.condition_number);
  for (const Coordinate coordinate : diagnostics.coordinates) {
    converted.add_coordinate_names(std::string(ParameterName(coordinate, penalty.form)));
  }
  converted.mutable_correlation()->Assign(diagnostics.correlation.begin(), diagnostics.correlation.end());
  for (const ParameterBound& bound : diagnostics.active_bounds) converted.add_active_bounds(Describe(bound, penalty));
  converted.mutable_singular_values()->Assign(diagnostics.singular_values.begin(), diagnostics.singular_values.end());
  converted.mutable_warnings()->Assign(diagnostics.warnings.begin(), diagnostics.warnings.end());
  converted.set_misfit(diagnostics.misfit);
  return converted;
}

v1::ContextDrift ToProto(const DriftTest& drift) {
  v1::ContextDrift converted;
  converted.set_per_decade(drift.per_decade);
  converted.set_statistic(drift.statistic);
  converted.set_degrees_of_freedom(drift.degrees_of_freedom);
  converted.set_p_value(drift.p_value);
  return converted;
}

v1::SearchTermination ToProto(SearchTermination termination) {
  switch (termination) {
    case SearchTermination::kConverged:
      return v1::SEARCH_TERMINATION_CONVERGED;
    case SearchTermination::kStagnated:
      return v1::SEARCH_TERMINATION_STAGNATED;
    case SearchTermination::kGenerationLimit:
      return v1::SEARCH_TERMINATION_GENERATION_LIMIT;
    case SearchTermination::kNothingToFit:
      return v1::SEARCH_TERMINATION_NOTHING_TO_FIT;
  }
  return v1::SEARCH_TERMINATION_UNSPECIFIED;
}

v1::Search ToProto(const SearchResult& search) {
  v1::Search converted;
  converted.set_termination(ToProto(search.termination));
  converted.set_termination_message(search.termination_message);
  converted.set_generation_count(search.generation_count);
  converted.set_candidate_count(search.candidate_count);
  converted.set_evaluation_count(search.evaluation_count);
  converted.set_non_finite_count(search.non_finite_count);
  converted.set_best_cost(search.best_cost);
  *converted.mutable_duration() = ToProto(search.duration);
  if (search.termination == SearchTermination::kNothingToFit) return converted;
  converted.set_over(ToProto(search.over));
  converted.set_cell_count(search.cell_count);
  converted.set_candidate_records_per_second(search.candidate_records_per_second);
  return converted;
}

v1::Basin ToProto(const Basin& basin, const Law& law) {
  v1::Basin converted;
  *converted.mutable_parameters() = ToProto(Law{basin.point, law.references, law.penalty});
  converted.set_cost(basin.cost);
  converted.set_deviance(basin.deviance);
  converted.set_end_count(basin.end_count);
  return converted;
}

v1::Refinement ToProto(const Refinement& refinement, const Law& law) {
  v1::Refinement converted;
  converted.set_converged(refinement.converged);
  converted.set_termination_message(refinement.termination_message);
  converted.set_start_count(refinement.start_count);
  converted.set_agreeing_count(refinement.agreeing_count);
  converted.set_distinct_optimum_count(static_cast<int>(refinement.basins.size()));
  for (const Basin& basin : refinement.basins) *converted.add_basins() = ToProto(basin, law);
  converted.set_iteration_count(refinement.iteration_count);
  converted.set_initial_cost(refinement.initial_cost);
  converted.set_final_cost(refinement.final_cost);
  converted.set_gradient_in_standard_errors(refinement.gradient_in_standard_errors);
  *converted.mutable_duration() = ToProto(refinement.duration);
  return converted;
}

v1::Bootstrap ToProto(const BootstrapReport& report, const BootstrapOptions& options) {
  v1::Bootstrap converted;
  converted.set_unit(report.clustered ? v1::RESAMPLING_UNIT_CLUSTER : v1::RESAMPLING_UNIT_RECORD);
  converted.set_unit_count(report.unit_count);
  converted.set_unit_2_count(report.unit_2_count);
  converted.set_stratum_count(report.stratum_count);
  converted.set_effective_unit_count(report.units.count);
  converted.set_effective_parameter_count(report.units.fitted);
  converted.set_global_count(report.global.count);
  converted.set_global_agreeing_count(report.global.agreeing_count);
  converted.set_global_better_count(report.global.better_count);
  converted.set_replicate_count(options.replicates);
  converted.set_converged_count(report.converged_count);
  converted.set_no_interval_reason(report.no_interval_reason);
  converted.set_confidence(options.confidence);
  converted.set_max_iteration_count(report.max_iteration_count);
  *converted.mutable_duration() = ToProto(report.duration);
  return converted;
}

v1::Influence ToProto(const Influence& influence) {
  v1::Influence converted;
  converted.mutable_second_moments()->Assign(std::begin(influence.second), std::end(influence.second));
  converted.mutable_third_moments()->Assign(std::begin(influence.third), std::end(influence.third));
  return converted;
}

v1::ObservedRanges ToProto(const ObservedRanges& observed) {
  v1::ObservedRanges converted;
  converted.set_compute_flops_min(observed.compute_flops.lower);
  converted.set_compute_flops_max(observed.compute_flops.upper);
  converted.set_compute_level_count(observed.compute_flops.level_count);
  if (const auto& informative = observed.compute_flops.informative) {
    converted.set_informative_compute_flops_min(informative->lower);
    converted.set_informative_compute_flops_max(informative->upper);
  }
  if (std::isfinite(observed.prompt_tokens.upper)) {
    converted.set_prompt_tokens_min(observed.prompt_tokens.lower);
    converted.set_prompt_tokens_max(observed.prompt_tokens.upper);
    converted.set_prompt_level_count(observed.prompt_tokens.level_count);
    if (const auto& informative = observed.prompt_tokens.informative) {
      converted.set_informative_prompt_tokens_min(informative->lower);
      converted.set_informative_prompt_tokens_max(informative->upper);
    }
  }
  if (std::isfinite(observed.limit_share.upper)) {
    converted.set_limit_share_min(observed.limit_share.lower);
    converted.set_limit_share_max(observed.limit_share.upper);
    const Range& fall = observed.penalty_fall;
    if (fall.lower < fall.upper) {
      converted.set_penalty_fall_share_min(fall.lower);
      converted.set_penalty_fall_share_max(fall.upper);
    }
  }
  return converted;
}

v1::Provenance MakeProvenance(const TaskFit& fit, const RunContext& context) {
  v1::Provenance provenance;
  provenance.set_seed(static_cast<std::int64_t>(context.options.seed));
  provenance.set_backend(context.backend);
  provenance.set_device(context.device);
  provenance.set_version(Version());
  provenance.set_observations_digest(context.observations_digest);
  FitOptions resolved = context.options;
  resolved.compute_reference_flops = fit.law.references.compute_flops;
  resolved.prompt_reference_tokens = fit.law.references.prompt_tokens;
  if (fit.search.candidate_count > 0) {
    resolved.search.candidates = fit.search.candidate_count;
    resolved.search.over = fit.search.over;
  }
  const v1::Backend backend = context.backend == "cuda" ? v1::BACKEND_CUDA : v1::BACKEND_CPU;
  *provenance.mutable_options() = ToProto(resolved, backend);
  return provenance;
}

v1::FitPhase ToProto(FitPhase phase) {
  switch (phase) {
    case FitPhase::kCollapse:
      return v1::FIT_PHASE_COLLAPSE;
    case FitPhase::kSearch:
      return v1::FIT_PHASE_SEARCH;
    case FitPhase::kRefine:
      return v1::FIT_PHASE_REFINE;
    case FitPhase::kResample:
      return v1::FIT_PHASE_RESAMPLE;
  }
  return v1::FIT_PHASE_UNSPECIFIED;
}

}  // namespace

v1::Goodness ToProto(const Goodness& goodness) {
  v1::Goodness converted;
  converted.set_record_count(goodness.record_count);
  converted.set_sse(goodness.sse);
  converted.set_rmse(goodness.rmse);
  converted.set_mae(goodness.mae);
  if (goodness.mae_within_limit) converted.set_mae_within_limit(*goodness.mae_within_limit);
  if (goodness.mae_beyond_limit) converted.set_mae_beyond_limit(*goodness.mae_beyond_limit);
  if (goodness.r_squared) converted.set_r_squared(*goodness.r_squared);
  if (goodness.aic) converted.set_aic(*goodness.aic);
  if (goodness.bic) converted.set_bic(*goodness.bic);
  converted.set_variance_between_clusters(goodness.variance.between_clusters);
  converted.set_variance_within(goodness.variance.within);
  converted.set_variance_in_binomial_units(goodness.variance.in_binomial_units);
  return converted;
}

v1::Fit ToProto(const TaskFit& fit, const RunContext& context) {
  v1::Fit converted;
  converted.set_task(fit.task);
  *converted.mutable_parameters() = ToProto(fit.law);
  for (const Estimate& estimate : fit.estimates) *converted.add_estimates() = ToProto(estimate);
  *converted.mutable_goodness() = ToProto(fit.goodness);
  *converted.mutable_diagnostics() = ToProto(fit.diagnostics, fit.law.penalty);
  if (fit.drift) *converted.mutable_diagnostics()->mutable_context_drift() = ToProto(*fit.drift);
  *converted.mutable_search() = ToProto(fit.search);
  *converted.mutable_refinement() = ToProto(fit.refinement, fit.law);
  *converted.mutable_bootstrap() = ToProto(fit.bootstrap, context.options.bootstrap);
  *converted.mutable_provenance() = MakeProvenance(fit, context);
  *converted.mutable_observed_ranges() = ToProto(fit.observed);
  if (context.options.bootstrap.omit_replicates) return converted;
  *converted.mutable_replicates() =
      ToProto(fit.replicates, fit.law, MakeDomain(OptionsForTask(context.options, fit.task)));
  if (fit.influence) *converted.mutable_influence() = ToProto(*fit.influence);
  return converted;
}

v1::Progress ToProto(const FitProgress& progress) {
  v1::Progress converted;
  converted.set_phase(ToProto(progress.phase));
  converted.set_task(progress.task);
  converted.set_generation(progress.generation);
  if (progress.best_cost) converted.set_best_cost(*progress.best_cost);
  converted.set_fraction(progress.fraction);
  return converted;
}

}  // namespace ctxfit
