#include "server/wire/source_conversion.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/base/status_macros.h"
#include "kernels/fit/options.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/statistics/errors/influence.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "server/wire/field_checks.h"
#include "server/wire/law_conversion.h"

namespace ctxfit {
namespace {

template <std::size_t kCount>
absl::Status CopyMoments(absl::string_view field, const Column& from, double (&to)[kCount]) {
  if (from.size() != static_cast<int>(kCount)) {
    return absl::InvalidArgumentError(absl::StrCat(field, " has ", from.size(), " values: must have ", kCount));
  }
  for (int i = 0; i < from.size(); ++i) {
    if (!std::isfinite(from[i])) return Reject(absl::StrCat(field, "[", i, "]"), from[i], "finite");
  }
  std::copy(from.begin(), from.end(), to);
  return absl::OkStatus();
}

absl::StatusOr<Influence> InfluenceOf(const v1::Influence& influence) {
  Influence converted;
  absl::Status status = CopyMoments("fit.influence.second_moments", influence.second_moments(), converted.second);
  status.Update(CopyMoments("fit.influence.third_moments", influence.third_moments(), converted.third));
  if (!status.ok()) return status;
  return converted;
}

// The effective units of `fitted` parameters.
EffectiveUnits UnitsOf(const v1::Bootstrap& bootstrap, int fitted) {
  const auto count = static_cast<double>(bootstrap.unit_count());
  const double effective = bootstrap.effective_unit_count();
  const double charged = bootstrap.effective_parameter_count();
  return {effective > 0 ? std::min(effective, count) : count, charged > 0
                                                                  ? std::min<double>(charged, kCoordinateCount)
                                                                  : CountFitted(fitted, bootstrap.unit_2_count() > 0)};
}

// Reads into `source` what the estimates tell of each coordinate. Returns the number of fitted parameters.
int ReadEstimates(const v1::Fit& fit, PredictionSource& source) {
  std::fill_n(source.identified, kCoordinateCount, true);
  const auto unit_count = static_cast<double>(fit.bootstrap().unit_count());
  int fitted = 0;
  bool fits[kCoordinateCount]{};
  for (const v1::Estimate& estimate : fit.estimates()) {
    for (int i = 0; i < kCoordinateCount; ++i) {
      if (estimate.name() != ParameterName(static_cast<Coordinate>(i), source.law.penalty.form)) continue;
      source.identified[i] = estimate.identified();
      fits[i] = !estimate.fixed();
      fitted += !estimate.fixed() && estimate.identified();
      const double determining = estimate.determining_unit_count();
      if (determining > 0) source.determining_units[i] = std::min(determining, unit_count);
    }
  }
  source.fits_exponent = fits[kContextExponent];
  source.fits_penalty = fits[kLogPenaltyWidth] && fits[kLogPenaltyOnset];
  return fitted;
}

// Returns the ranges that were observed. Prompt lengths and shares of the limit are unlimited where `ranges` lacks
// theirs.
ObservedRanges ObservedRangesOf(const v1::ObservedRanges& ranges) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ObservedRanges observed;
  observed.compute_flops = {{ranges.compute_flops_min(), ranges.compute_flops_max()}};
  observed.compute_flops.level_count = ranges.compute_level_count();
  if (ranges.has_informative_compute_flops_min() && ranges.has_informative_compute_flops_max()) {
    observed.compute_flops.informative = {ranges.informative_compute_flops_min(),
                                          ranges.informative_compute_flops_max()};
  }
  observed.prompt_tokens = {{0, kInfinity}};
  if (ranges.has_prompt_tokens_min() && ranges.has_prompt_tokens_max()) {
    observed.prompt_tokens = {{ranges.prompt_tokens_min(), ranges.prompt_tokens_max()}};
    observed.prompt_tokens.level_count = ranges.prompt_level_count();
    if (ranges.has_informative_prompt_tokens_min() && ranges.has_informative_prompt_tokens_max()) {
      observed.prompt_tokens.informative = {ranges.informative_prompt_tokens_min(),
                                            ranges.informative_prompt_tokens_max()};
    }
  }
  if (ranges.has_limit_share_min() && ranges.has_limit_share_max()) {
    observed.limit_share = {ranges.limit_share_min(), ranges.limit_share_max()};
    observed.penalty_fall = {ranges.penalty_fall_share_min(), ranges.penalty_fall_share_max()};
  }
  return observed;
}

}  // namespace

absl::StatusOr<PredictionSource> SourceOf(const v1::Fit& fit) {
  PredictionSource source;
  CTXFIT_ASSIGN_OR_RETURN(source.law, LawOf(fit.parameters()));
  CTXFIT_ASSIGN_OR_RETURN(source.replicates, PointsOf(fit.replicates(), source.law));
  const int fitted = ReadEstimates(fit, source);
  source.units = UnitsOf(fit.bootstrap(), fitted);
  source.observed = ObservedRangesOf(fit.observed_ranges());
  if (fit.goodness().has_variance_within()) {
    source.variance = {fit.goodness().variance_between_clusters(), fit.goodness().variance_within(),
                       fit.goodness().variance_in_binomial_units()};
  }
  source.misfit = fit.diagnostics().misfit();
  source.converged = !fit.has_refinement() || fit.refinement().converged();
  source.no_interval_reason = fit.bootstrap().no_interval_reason();
  if (fit.provenance().options().bootstrap().omit_replicates() && source.no_interval_reason.empty()) {
    source.no_interval_reason = "the fit was answered without its replicates";
  }
  if (fit.diagnostics().has_context_drift()) {
    const double p = fit.diagnostics().context_drift().p_value();
    if (!(p >= 0 && p <= 1)) return Reject("fit.diagnostics.context_drift.p_value", p, "in [0, 1]");
    source.drift_p_value = p;
  }
  if (!fit.has_influence()) return source;
  CTXFIT_ASSIGN_OR_RETURN(source.influence, InfluenceOf(fit.influence()));
  return source;
}

std::vector<std::string> CaveatsOf(const PredictionSource& source) {
  std::vector<std::string> warnings;
  if (!source.converged) warnings.push_back("the fit did not converge: a better one may predict otherwise");
  if (!source.misfit.empty()) warnings.push_back(absl::StrCat("of the fit behind this: ", source.misfit));
  if (!source.no_interval_reason.empty()) warnings.push_back(absl::StrCat("no intervals: ", source.no_interval_reason));
  return warnings;
}

absl::StatusOr<double> ConfidenceOf(const v1::Fit& fit, std::optional<double> asked) {
  double confidence = BootstrapOptions().confidence;
  if (fit.bootstrap().confidence() > 0) confidence = fit.bootstrap().confidence();
  if (asked) confidence = *asked;
  if (!(confidence > 0 && confidence < 1)) return Reject("confidence", confidence, "in (0, 1)");
  return confidence;
}

UsedVariables FindUsedVariables(const PredictionSource& source) {
  const auto is_flat = [](const Point& point) { return point.at[kContextExponent] == 0; };
  const bool has_context_factor =
      !is_flat(source.law.point) || !std::all_of(source.replicates.begin(), source.replicates.end(), is_flat);
  return FindUsedVariables(source.law.penalty.form != Penalty::Form::kNone, has_context_factor);
}

}  // namespace ctxfit
