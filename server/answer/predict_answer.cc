#include "server/answer/predict_answer.h"

#include "kernels/base/status_macros.h"
#include "kernels/predict/predict.h"
#include "server/wire/predictions_conversion.h"

namespace ctxfit {

absl::StatusOr<v1::PredictResponse> AnswerPredict(const VectorKernels& kernels, const v1::PredictRequest& request,
                                                  const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(const ParsedPredictRequest parsed, FromProto(request));
  // The worker's own thread: there are as many workers as processors, and starting threads would not be bounded by
  // them.
  constexpr int kThreads = 1;
  CTXFIT_ASSIGN_OR_RETURN(const Predictions predictions,
                          PredictWithBands(kernels, parsed.source, parsed.points, parsed.options, stop, kThreads));
  return ToProto(parsed, predictions);
}

}  // namespace ctxfit
