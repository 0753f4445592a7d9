#include "server/wire/ablation_conversion.h"

#include "kernels/fit/options.h"
#include "server/wire/baseline_conversion.h"
#include "server/wire/evaluation_conversion.h"

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

v1::BaselineFit ToProto(const BaselineFit& fit) {
  v1::BaselineFit converted;
  *converted.mutable_baseline() = ToProto(fit.baseline);
  *converted.mutable_goodness() = ToProto(fit.goodness);
  if (fit.cross_validation) *converted.mutable_cross_validation() = ToProto(*fit.cross_validation);
  return converted;
}

}  // namespace

v1::Ablation ToProto(const TaskAblation& ablation, const RunContext& context) {
  v1::Ablation converted;
  converted.set_task(ablation.variants.front().fit.task);
  converted.set_fold_count(ablation.fold_count);
  for (const VariantFit& variant : ablation.variants) {
    const FitOptions options = OptionsOfVariant(context.options, variant.variant);
    *converted.add_variants() = ToProto(variant, ablation.variants.front().fit.goodness,
                                        {options, context.backend, context.device, context.observations_digest});
  }
  for (const BaselineFit& fit : ablation.baselines) *converted.add_baselines() = ToProto(fit);
  return converted;
}

}  // namespace ctxfit
