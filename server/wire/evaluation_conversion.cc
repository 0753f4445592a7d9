#include "server/wire/evaluation_conversion.h"

#include <cmath>

namespace ctxfit {

v1::ErrorSummary ToProto(const ErrorSummary& summary) {
  v1::ErrorSummary converted;
  converted.set_record_count(summary.record_count);
  converted.set_mae(summary.mae);
  converted.set_rmse(summary.rmse);
  converted.set_bias(summary.bias);
  return converted;
}

v1::BandCoverage ToProto(const BandCoverage& coverage, double confidence) {
  v1::BandCoverage converted;
  converted.set_confidence(confidence);
  converted.set_group_count(coverage.group_count);
  converted.set_inside_count(coverage.inside_count);
  converted.set_undetermined_count(coverage.undetermined_count);
  return converted;
}

namespace {

v1::ModelErrors ToProto(const ModelErrors& model) {
  v1::ModelErrors converted;
  converted.set_model(model.model);
  if (model.model.empty()) {
    converted.set_training_compute_flops(model.compute_flops);
    if (std::isfinite(model.limit_tokens)) converted.set_context_limit_tokens(model.limit_tokens);
  }
  *converted.mutable_errors() = ToProto(model.errors);
  return converted;
}

}  // namespace

v1::Evaluation ToProto(const Evaluation& evaluation, const std::string& task, double confidence) {
  v1::Evaluation converted;
  converted.set_task(task);
  *converted.mutable_all() = ToProto(evaluation.all);
  if (evaluation.within_limit) *converted.mutable_within_limit() = ToProto(*evaluation.within_limit);
  if (evaluation.beyond_limit) *converted.mutable_beyond_limit() = ToProto(*evaluation.beyond_limit);
  for (const ModelErrors& model : evaluation.models) *converted.add_models() = ToProto(model);
  if (evaluation.band_coverage) {
    *converted.mutable_band_coverage() = ToProto(*evaluation.band_coverage, confidence);
  }
  converted.set_no_band_reason(evaluation.no_band_reason);
  converted.set_extrapolated_count(evaluation.extrapolated_count);
  return converted;
}

}  // namespace ctxfit
