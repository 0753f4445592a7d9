#ifndef CTXFIT_KERNELS_PREDICT_H_
#define CTXFIT_KERNELS_PREDICT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "kernels/fit.h"
#include "kernels/stop_signal.h"

namespace ctxfit {

// Points to predict at, as columns of equal lengths; all finite and > 0.
struct PredictionPoints {
  std::vector<double> compute;  // FLOP
  std::vector<double> prompt;   // tokens
  std::vector<double> limit;    // tokens

  std::size_t size() const { return prompt.size(); }
};

// What predictions are drawn from: the law at the optimum and at every replicate.
struct PredictionSource {
  Law law;
  std::vector<Point> replicates;  // may be empty: no bands then
  bool identified[kCoordinateCount];
  Coverage coverage;
};

// Predictions as columns; see ctxfit.v1.Predictions. Bands are empty without replicates.
struct Predictions {
  std::vector<double> score;
  std::vector<double> mean_lower;
  std::vector<double> mean_upper;
  std::vector<bool> determined;
  std::vector<bool> extrapolated;
};

// The expected score of a law.
double Predict(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens);

// Predicts with pointwise percentile bands that cover `confidence`. Errors: those of `stop`.
absl::StatusOr<Predictions> Predict(const PredictionSource& source, const PredictionPoints& points, double confidence,
                                    const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_H_
