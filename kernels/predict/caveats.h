#ifndef CTXFIT_KERNELS_PREDICT_CAVEATS_H_
#define CTXFIT_KERNELS_PREDICT_CAVEATS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctxfit {

struct PredictionPoints;
struct PredictionSource;
struct Predictions;
struct Solution;

// Counts of answers that rest on values outside what was observed.
struct ExtrapolationCounts {
  std::int64_t all = 0;
  std::int64_t extrapolated = 0;  // in compute, prompt length or penalty
  std::int64_t penalty_extrapolated = 0;
  std::int64_t withheld_by_drift = 0;
  std::int64_t withheld_by_penalty = 0;
  std::int64_t interpolated = 0;  // between the ends of an observed range, by a factor that the data do not determine
};

ExtrapolationCounts CountExtrapolations(const PredictionSource& source, const PredictionPoints& points,
                                        const Predictions& predictions);
// Counts answers that are reached; those that are withheld, whatever their outcome.
ExtrapolationCounts CountExtrapolations(const std::vector<Solution>& solutions);

// Returns caveats on extrapolated answers, called `answers` ("predictions") with an `interval` ("band"), in plain
// words: what they rest on, why some have no interval, and that intervals know no drift of the context exponent where
// it was not tested.
std::vector<std::string> ExtrapolationCaveats(const PredictionSource& source, const ExtrapolationCounts& counts,
                                              absl::string_view answers, absl::string_view interval);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_CAVEATS_H_
