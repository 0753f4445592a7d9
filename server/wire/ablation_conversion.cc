#include "server/wire/ablation_conversion.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernels/data/split_tasks.h"
#include "kernels/fit/ablation.h"
#include "server/wire/evaluation_conversion.h"
#include "server/wire/fit_conversion.h"
#include "server/wire/observations_conversion.h"

namespace ctxfit {
namespace {

v1::LawVariant ToProto(LawVariant variant) {
  switch (variant) {
    case LawVariant::kFull:
      return v1::LAW_VARIANT_FULL;
    case LawVariant::kNoPenalty:
      return v1::LAW_VARIANT_NO_PENALTY;
    case LawVariant::kNoContextFactor:
      return v1::LAW_VARIANT_NO_CONTEXT_FACTOR;
    case LawVariant::kNeither:
      return v1::LAW_VARIANT_NEITHER;
  }
  return v1::LAW_VARIANT_UNSPECIFIED;
}

v1::CrossValidation ToProto(const CrossValidation& errors) {
  v1::CrossValidation converted;
  *converted.mutable_all() = ToProto(errors.all);
  if (errors.within_limit) *converted.mutable_within_limit() = ToProto(*errors.within_limit);
  if (errors.beyond_limit) *converted.mutable_beyond_limit() = ToProto(*errors.beyond_limit);
  converted.set_unconverged_fold_count(errors.unconverged_fold_count);
  return converted;
}

v1::VariantFit ToProto(const VariantFit& variant, const Goodness& full, const RunContext& context) {
  v1::VariantFit converted;
  converted.set_variant(ToProto(variant.variant));
  converted.set_fitted_count(variant.fitted_count);
  *converted.mutable_fit() = ToProto(variant.fit, context);
  const Goodness& goodness = variant.fit.goodness;
  if (variant.variant != LawVariant::kFull) {
    if (goodness.aic && full.aic) converted.set_aic_difference(*goodness.aic - *full.aic);
    if (goodness.bic && full.bic) converted.set_bic_difference(*goodness.bic - *full.bic);
  }
  if (variant.cross_validation) *converted.mutable_cross_validation() = ToProto(*variant.cross_validation);
  return converted;
}

v1::Ablation ToProto(const TaskAblation& ablation, const std::string& digest, const FitRun& run) {
  v1::Ablation converted;
  converted.set_task(ablation.variants.front().fit.task);
  converted.set_fold_count(ablation.fold_count);
  for (const VariantFit& variant : ablation.variants) {
    const FitOptions options = OptionsOfVariant(run.options, variant.variant);
    *converted.add_variants() = ToProto(variant, ablation.variants.front().fit.goodness,
                                        {options, run.backend.Name(), run.backend.Device(), digest});
  }
  return converted;
}

}  // namespace

absl::StatusOr<v1::AblateResponse> AnswerAblate(const v1::AblateRequest& request, FitRun& run) {
  const absl::StatusOr<std::vector<Observations>> tasks =
      ValidateAndSplit(std::move(run.table), run.options.bootstrap.resampling);
  if (!tasks.ok()) return tasks.status();
  run.record.tasks = static_cast<std::int64_t>(tasks->size());
  AblationOptions options;
  options.fit = run.options;
  if (request.has_folds()) options.folds = request.folds();
  const absl::StatusOr<std::vector<TaskAblation>> ablations = AblateTasks(run.backend, *tasks, options, run.stop);
  if (!ablations.ok()) return ablations.status();
  v1::AblateResponse response;
  for (std::size_t i = 0; i < ablations->size(); ++i) {
    *response.add_ablations() = ToProto((*ablations)[i], Digest((*tasks)[i]), run);
  }
  return response;
}

}  // namespace ctxfit
