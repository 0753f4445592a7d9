#ifndef CTXFIT_KERNELS_FIT_CURVE_COMPARISON_H_
#define CTXFIT_KERNELS_FIT_CURVE_COMPARISON_H_

#include <array>
#include <optional>
#include <string>

#include "kernels/statistics/effective_units.h"

namespace ctxfit {

struct GroupFit;
struct Observations;

// A test of one curve of expected scores for two groups.
struct CurveTest {
  std::optional<double> statistic;  // max |t| over the points; unset where there is no test
  double p_value = 1;               // in (0, 1]
  int point_count = 0;              // points of observed covariates at which the curves were compared
  std::string reason;               // why there is no test; "" where there is one
};

// The effective units of a difference between two groups, of a number that varies by `first` and `second` in their
// replicates. Those of groups that share units are the fewer ones: their replicates do not vary independently.
EffectiveUnits UnitsOfGroups(const std::array<GroupFit, 2>& groups, bool share_units, double first, double second);

// Tests whether the expected scores of two groups differ anywhere where both were observed: at up to 64 combinations of
// covariates in `both` that lie within the observed ranges of either group and are determined in it. At each,
// t = difference / its standard deviation over the paired replicates. The p-value is the share of replicates whose own
// largest deviation from the difference, in those standard deviations, reaches the largest ContractedHeight() of |t|
// (max-t; Westfall and Young 1993), counting the observation as one more replicate. It looks along the directions in
// which curves differ, and so keeps power with few clusters, where Hotelling's test of all parameters has none.
CurveTest TestCurves(const std::array<GroupFit, 2>& groups, const Observations& both, bool share_units);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_CURVE_COMPARISON_H_
