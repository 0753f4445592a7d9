#ifndef CTXFIT_KERNELS_PREDICT_PREDICTIONS_H_
#define CTXFIT_KERNELS_PREDICT_PREDICTIONS_H_

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/factor.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/range.h"
#include "kernels/statistics/errors/determining_units.h"
#include "kernels/statistics/errors/influence.h"
#include "kernels/statistics/errors/variance_components.h"
#include "kernels/statistics/intervals/effective_units.h"

namespace ctxfit {

// Points to predict at, as columns of equal lengths; all finite and > 0.
struct PredictionPoints {
  std::vector<double> compute;  // FLOP
  std::vector<double> prompt;   // tokens
  std::vector<double> limit;    // tokens

  std::size_t size() const { return prompt.size(); }
};

// The range of a variable in all rows, and what is known of it in those that are informative (FindInformative()).
struct ObservedVariable : Range {
  std::optional<Range> informative = {};  // unset: not known
  int level_count = 0;  // number of distinct informative values, of which those within 1 % count as one
};

// The ranges of the variables that the fit observed.
struct ObservedRanges {
  ObservedVariable compute_flops;
  ObservedVariable prompt_tokens;
  Range limit_share = {0, std::numeric_limits<double>::infinity()};  // n / n_ctx
  // The neighbouring observed shares between which the penalty falls most, if by more than half of a score; else empty.
  Range penalty_fall = {0, 0};
};

// True if `value` lies in `range`, widened by 1 %: one compute level is a range of no width, and rounding must not
// leave it.
bool IsObserved(const Range& range, double value);

// A fit to predict from: its law at the optimum and at every replicate.
struct PredictionSource {
  Law law;
  std::vector<Point> replicates;      // empty: no bands
  bool identified[kCoordinateCount];  // true if the observations determine the coordinate
  ObservedRanges observed;
  EffectiveUnits units = {};  // effective units that the replicates resample
  CoordinateUnits determining_units = {};
  std::optional<VarianceComponents> variance = {};  // unset: unknown
  std::optional<Influence> influence = {};          // finite; set: pointwise bands are bias-corrected and accelerated
  bool converged = true;
  std::string no_interval_reason = {};       // why there are no replicates; "" if it is unknown
  std::optional<double> drift_p_value = {};  // DriftTest::p_value; unset where it was not tested
  std::string misfit = {};                   // Diagnostics::misfit
  bool fits_exponent = false;                // the context exponent was fitted, so that its drift matters
  bool fits_penalty = false;                 // the penalty's width and onset were fitted, both
};

// True if the penalty at this prompt length and limit rests on shares of the limit, n / n_ctx, that were not observed:
// it differs from the penalty at the nearest observed share.
bool IsPenaltyExtrapolated(const PredictionSource& source, double prompt_tokens, double limit_tokens);

// Parts of a prediction that rest on values outside what was observed.
struct Extrapolation {
  bool of_ranges;   // the compute or the prompt length lies outside the observed range
  bool of_penalty;  // IsPenaltyExtrapolated()
  explicit operator bool() const { return of_ranges || of_penalty; }
};
Extrapolation FindExtrapolation(const PredictionSource& source, double compute_flops, double prompt_tokens,
                                double limit_tokens);

// Reasons to withhold an interval, which would be too narrow.
struct Withheld {
  bool by_drift;    // the compute or the prompt length is extrapolated, and the context exponent drifts with compute
  bool by_penalty;  // the penalty is extrapolated, and its width or onset is chosen: no replicate knows its error
  explicit operator bool() const { return by_drift || by_penalty; }
};
Withheld WhyWithheld(const PredictionSource& source, const Extrapolation& extrapolation);

// The range of the variable that was observed.
const ObservedVariable& ObservedOf(const PredictionSource& source, Variable variable);

// True if both parameters of the variable's factor are identified.
bool IsFactorIdentified(const PredictionSource& source, Variable variable);

// True between the ends of the observed range of a factor that rises there and is not identified. It may have no level
// in between, and the replicates then all rise alike.
bool IsInterpolated(const PredictionSource& source, Variable variable, double value);

// True if the observations determine the factor at `value`: it is identified, or that is an observed level. Between the
// only two informative levels nothing is observed.
bool IsFactorDetermined(const PredictionSource& source, Variable variable, double value);

// True if the observations determine the penalty at this prompt length and limit. With a parameter that is not
// identified, it is known only for shares of the limit within the observed range, and not where it falls: anywhere
// between two shares that were observed.
bool IsPenaltyDetermined(const PredictionSource& source, double prompt_tokens, double limit_tokens);

// True if the observations determine the expected score at this point: both factors and the penalty.
bool IsDetermined(const PredictionSource& source, double compute_flops, double prompt_tokens, double limit_tokens);

// Bands to compute.
struct BandOptions {
  double confidence = 0.95;   // in (0, 1)
  bool simultaneous = false;  // adds a band that covers all points together
  // Adds an interval for the mean score of this many new items, >= 1, of one new cluster; needs source.variance.
  std::optional<double> new_mean_items = {};
};

// Predictions as columns; see ctxfit.v1.Predictions. Bands are empty without replicates.
struct Predictions {
  std::vector<double> score;
  std::vector<double> mean_lower;
  std::vector<double> mean_upper;
  std::vector<double> simultaneous_lower;
  std::vector<double> simultaneous_upper;
  std::optional<double> critical_value;  // critical value of the simultaneous band, in standard deviations
  std::vector<double> new_mean_lower;
  std::vector<double> new_mean_upper;
  std::vector<bool> determined;
  std::vector<bool> extrapolated;          // Extrapolation of either kind
  std::vector<bool> penalty_extrapolated;  // Extrapolation::of_penalty
  std::vector<bool> withheld_by_drift;     // Withheld: bands are those of a point that is not determined
  std::vector<bool> withheld_by_penalty;
  bool IsWithheld(std::size_t point) const { return withheld_by_drift[point] || withheld_by_penalty[point]; }
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_PREDICTIONS_H_
