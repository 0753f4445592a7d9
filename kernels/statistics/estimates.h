#ifndef CTXFIT_KERNELS_STATISTICS_ESTIMATES_H_
#define CTXFIT_KERNELS_STATISTICS_ESTIMATES_H_

#include <optional>
#include <string>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/range.h"
#include "kernels/statistics/errors/determining_units.h"
#include "kernels/statistics/errors/influence.h"
#include "kernels/statistics/errors/sandwich.h"
#include "kernels/statistics/intervals/effective_units.h"

namespace ctxfit {

class FewUnits;
struct Diagnostics;
struct Domain;
struct Law;

// A number that a fit estimates; see ctxfit.v1.Estimate for the names.
struct Estimate {
  std::string name;
  std::optional<double> value;  // none if it is not finite
  std::optional<double> standard_error;
  std::optional<Range> interval;           // its upper end may be infinite
  std::optional<Range> monte_carlo_error;  // standard error of each end, by MonteCarloError(), where all
                                           // replicates are finite
  std::optional<double> sandwich_standard_error;
  std::optional<Range> sandwich_interval;
  std::optional<double> profile_lower;
  std::optional<double> profile_upper;
  std::string profile_reason;               // why an end of a profile that was asked for is unset
  std::optional<double> determining_units;  // FindDeterminingUnits(), of a parameter
  bool fixed = false;
  bool identified = true;
  std::string reason;  // why there is no interval, or its upper end is infinite
};

// The sources of the estimates' uncertainty.
struct UncertaintySource {
  const std::vector<Point>& replicates;  // may be empty
  double confidence;                     // confidence of all intervals, in (0, 1)
  std::string no_interval_reason;        // why replicates are missing or say nothing; "" where they are of use
  std::optional<Sandwich> sandwich = {};
  EffectiveUnits units = {};  // effective units that the replicates resample
  CoordinateUnits determining_units = {};
  std::optional<Influence> influence = {};  // makes intervals bias-corrected and accelerated
  const FewUnits* few_units = nullptr;      // expands intervals in place of counted units; may be null
};

// Returns estimates of every parameter of `law`, and of its characteristic scales C* = C^c A^(-1/alpha) in FLOP and
// n* = n^c B^(-1/beta) in tokens, where the factors reach 1 - 1/e.
//
// Estimates that are free in `domain` and identified get an interval over the replicates: between expanded percentiles
// (ExpandedTail(), Hesterberg 2015) or, with `influence`, BCa (Efron 1987), and always one that holds the estimate.
// Replicates of a characteristic scale without a finite value count as infinite. Intervals of the sandwich are
// symmetric where the estimate is closest to normal: in the coordinate of a parameter, in the logarithm of a
// characteristic scale.
std::vector<Estimate> MakeEstimates(const Law& law, const Domain& domain, const Diagnostics& diagnostics,
                                    const UncertaintySource& uncertainty);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ESTIMATES_H_
