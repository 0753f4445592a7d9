#include "server/answer/predict_answer.h"

#include "kernels/base/status_macros.h"
#include "kernels/predict/predict.h"
#include "server/wire/predictions_conversion.h"

namespace ctxfit {

absl::StatusOr<v1::PredictResponse> AnswerPredict(const VectorKernels& kernels, const v1::PredictRequest& request,
                                                  const StopSignal& stop, std::int64_t& rows) {
  CTXFIT_ASSIGN_OR_RETURN(const ParsedPredictRequest parsed, FromProto(request));
  rows = static_cast<std::int64_t>(parsed.points.size());
  CTXFIT_ASSIGN_OR_RETURN(const Predictions predictions,
                          PredictWithBands(kernels, parsed.source, parsed.points, parsed.options, stop));
  return ToProto(parsed, predictions);
}

}  // namespace ctxfit
