#ifndef CTXFIT_KERNELS_PREDICT_H_
#define CTXFIT_KERNELS_PREDICT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/cells.h"
#include "kernels/influence.h"
#include "kernels/intervals.h"
#include "kernels/law.h"
#include "kernels/options.h"
#include "kernels/stop_signal.h"
#include "kernels/variance_components.h"

namespace ctxfit {

// A law with all it needs to predict: the coordinates of `point` are told at the scales of the other two.
struct Law {
  Point point;
  References references;
  Penalty penalty;
};

// The expected score of a law. All arguments finite and > 0.
double Predict(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens);

// The law at one point of its three variables for any coordinates, with what does not depend on them done once.
class LawAt {
 public:
  LawAt(const Law& law, double compute_flops, double prompt_tokens, double limit_tokens);

  // The expected score.
  double operator()(const Point& point) const;

 private:
  const double log_compute_;
  const double log_prompt_;
  const Excess excess_;
};

// Points to predict at, as columns of equal lengths; all finite and > 0.
struct PredictionPoints {
  std::vector<double> compute;  // FLOP
  std::vector<double> prompt;   // tokens
  std::vector<double> limit;    // tokens

  std::size_t size() const { return prompt.size(); }
};

// The observed ranges.
struct Coverage {
  Range compute_flops;
  Range prompt_tokens;
};

// Whether `value` was observed. Ranges are widened by 1 %: one compute level is a range of no width, and rounding must
// not leave it.
bool IsObserved(const Range& range, double value);

// What predictions are drawn from: the law at the optimum and at every replicate.
struct PredictionSource {
  Law law;
  std::vector<Point> replicates;      // empty: no bands
  bool identified[kCoordinateCount];  // whether the observations determine it
  Coverage coverage;
  DecidingUnits units = {};                         // of the replicates
  std::optional<VarianceComponents> variance = {};  // unset: not known
  std::optional<Influence> influence = {};          // finite; set: pointwise bands are bias-corrected and accelerated
};

// What to predict beside the expected score and its pointwise band.
struct BandOptions {
  double confidence = 0.95;   // in (0, 1)
  bool simultaneous = false;  // a band of all points together, too
  // And an interval for the mean over so many new items, >= 1; needs source.variance.
  std::optional<double> new_mean_items = {};
};

// Whether the observations determine the expected score there. Where a parameter of a factor is not identified, that
// factor is known only where it was observed.
bool IsDetermined(const PredictionSource& source, double compute_flops, double prompt_tokens);

// Predictions as columns; see ctxfit.v1.Predictions. Bands are empty without replicates.
struct Predictions {
  std::vector<double> score;
  std::vector<double> mean_lower;
  std::vector<double> mean_upper;
  std::vector<double> simultaneous_lower;
  std::vector<double> simultaneous_upper;
  std::optional<double> critical_value;  // of the simultaneous band
  std::vector<double> new_mean_lower;
  std::vector<double> new_mean_upper;
  std::vector<bool> determined;
  std::vector<bool> extrapolated;
};

// Predicts with pointwise bands, and with what else is asked for, on so many threads, which change nothing of the
// result; 0: as many as processors are available and the work is worth. Errors: those of `stop`.
//
// Bands of a point that is not determined go from floor to ceiling, the interval of a new mean from 0 to 1.
absl::StatusOr<Predictions> PredictWithBands(const PredictionSource& source, const PredictionPoints& points,
                                             const BandOptions& options, const StopSignal& stop, int threads = 0);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_H_
