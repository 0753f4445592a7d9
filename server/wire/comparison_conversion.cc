#include "server/wire/comparison_conversion.h"

#include <cstddef>

namespace ctxfit {
namespace {

v1::ParameterDifference ToProto(const ParameterDifference& parameter) {
  v1::ParameterDifference converted;
  converted.set_name(parameter.name);
  converted.set_first(parameter.values.first);
  converted.set_second(parameter.values.second);
  converted.set_difference(parameter.values.difference);
  if (parameter.values.standard_error) converted.set_standard_error(*parameter.values.standard_error);
  if (parameter.values.interval) {
    converted.set_lower(parameter.values.interval->lower);
    converted.set_upper(parameter.values.interval->upper);
  }
  converted.set_reason(parameter.reason);
  return converted;
}

v1::PredictionDifference ToProto(const PredictionDifference& prediction, const v1::PredictionPoints& points, int i) {
  v1::PredictionDifference converted;
  converted.set_training_compute_flops(points.training_compute_flops(i));
  if (!points.prompt_tokens().empty()) converted.set_prompt_tokens(points.prompt_tokens(i));
  if (!points.context_limit_tokens().empty()) converted.set_context_limit_tokens(points.context_limit_tokens(i));
  converted.set_first(prediction.values.first);
  converted.set_second(prediction.values.second);
  converted.set_difference(prediction.values.difference);
  if (prediction.values.interval) {
    converted.set_lower(prediction.values.interval->lower);
    converted.set_upper(prediction.values.interval->upper);
  }
  converted.set_determined(prediction.determined);
  converted.set_extrapolated(prediction.extrapolated);
  return converted;
}

v1::LawTest ToProto(const LawTest& test) {
  v1::LawTest converted;
  converted.set_reason(test.reason);
  if (!test.test) return converted;
  converted.set_statistic(test.test->statistic);
  converted.set_numerator_degrees(test.test->numerator_degrees);
  converted.set_denominator_degrees(test.test->denominator_degrees);
  converted.set_p_value(test.test->p_value);
  return converted;
}

}  // namespace

v1::Comparison ToProto(const Comparison& comparison, const v1::PredictionPoints& points,
                       const ComparisonContext& context) {
  const auto convert_fit = [&](const TaskFit& fit, const std::string& digest) {
    return ToProto(fit, {context.options, context.backend, context.device, digest});
  };
  v1::Comparison converted;
  converted.set_task(comparison.pooled.task);
  *converted.mutable_first_fit() = convert_fit(comparison.groups[0], context.first_digest);
  *converted.mutable_second_fit() = convert_fit(comparison.groups[1], context.second_digest);
  *converted.mutable_pooled_fit() = convert_fit(comparison.pooled, context.pooled_digest);
  converted.set_shared_cluster_count(comparison.shared_unit_count);
  for (const ParameterDifference& parameter : comparison.parameters) {
    *converted.add_parameters() = ToProto(parameter);
  }
  for (std::size_t i = 0; i < comparison.predictions.size(); ++i) {
    *converted.add_predictions() = ToProto(comparison.predictions[i], points, static_cast<int>(i));
  }
  *converted.mutable_wald_test() = ToProto(comparison.wald);
  *converted.mutable_f_test() = ToProto(comparison.f);
  return converted;
}

}  // namespace ctxfit
