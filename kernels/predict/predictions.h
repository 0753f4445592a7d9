#ifndef CTXFIT_KERNELS_PREDICT_PREDICTIONS_H_
#define CTXFIT_KERNELS_PREDICT_PREDICTIONS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/range.h"
#include "kernels/statistics/influence.h"
#include "kernels/statistics/intervals.h"
#include "kernels/statistics/variance_components.h"

namespace ctxfit {

// Points to predict at, as columns of equal lengths; all finite and > 0.
struct PredictionPoints {
  std::vector<double> compute;  // FLOP
  std::vector<double> prompt;   // tokens
  std::vector<double> limit;    // tokens

  std::size_t size() const { return prompt.size(); }
};

// The observed ranges.
struct ObservedRanges {
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
  ObservedRanges observed;
  EffectiveUnits units = {};                        // of the replicates
  std::optional<VarianceComponents> variance = {};  // unset: not known
  std::optional<Influence> influence = {};          // finite; set: pointwise bands are bias-corrected and accelerated
};

// Whether the observations determine the expected score there. Where a parameter of a factor is not identified, that
// factor is known only where it was observed.
bool IsDetermined(const PredictionSource& source, double compute_flops, double prompt_tokens);

// What to predict beside the expected score and its pointwise band.
struct BandOptions {
  double confidence = 0.95;   // in (0, 1)
  bool simultaneous = false;  // a band of all points together, too
  // And an interval for the mean over so many new items, >= 1; needs source.variance.
  std::optional<double> new_mean_items = {};
};

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

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_PREDICTIONS_H_
