#ifndef CTXFIT_KERNELS_STATISTICS_ESTIMATES_H_
#define CTXFIT_KERNELS_STATISTICS_ESTIMATES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/range.h"
#include "kernels/statistics/diagnostics.h"
#include "kernels/statistics/influence.h"
#include "kernels/statistics/intervals.h"
#include "kernels/statistics/sandwich.h"

namespace ctxfit {

// One number that a fit estimates; see ctxfit.v1.Estimate for the names.
struct Estimate {
  std::string name;
  std::optional<double> value;
  std::optional<double> standard_error;
  std::optional<Range> interval;
  std::optional<Range> monte_carlo_error;  // standard error of either end
  std::optional<double> sandwich_standard_error;
  std::optional<Range> sandwich_interval;
  std::optional<double> profile_lower;  // unset where not asked for, and beyond the parameter's bound
  std::optional<double> profile_upper;
  bool fixed = false;
  bool identified = true;
  std::string reason;  // why there is no interval
};

// What the estimates' uncertainty is drawn from.
struct Resample {
  const std::vector<Point>& replicates;  // may be empty
  double confidence;
  std::string no_interval_reason;  // why there are no replicates, or why they say nothing; "" where they do
  std::optional<Sandwich> sandwich = {};
  EffectiveUnits units = {};                // of the replicates
  std::optional<Influence> influence = {};  // set: intervals are bias-corrected and accelerated
};

// Intervals of the sandwich are taken in the coordinate, where the estimate is closest to normal, and told in the
// parameter; those of the characteristic scales in their logarithm.
//
// Every parameter of the law, and the characteristic scales C* = C^c A^(-1/alpha) and n* = n^c B^(-1/beta), with
// percentile intervals over the replicates for what is fitted and identified.
std::vector<Estimate> MakeEstimates(const Law& law, const Domain& domain, const Diagnostics& diagnostics,
                                    const Resample& resample);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ESTIMATES_H_
