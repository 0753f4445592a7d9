#ifndef CTXFIT_KERNELS_STATISTICS_PROFILE_H_
#define CTXFIT_KERNELS_STATISTICS_PROFILE_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"

namespace ctxfit {

class StopSignal;
struct Cells;
struct Domain;
struct Estimate;
struct Law;
struct Sandwich;
struct VectorKernels;

// A fit to profile: `law` at the optimum of `cells`. The free coordinates of `domain` are fitted and identified.
struct ProfileSource {
  const Cells& cells;
  const Domain& domain;
  const Law& law;
  double variance;                          // sigma^2
  double confidence;                        // in (0, 1)
  const std::optional<Sandwich>& sandwich;  // unset: records count as independent
  const VectorKernels& kernels;             // the instruction set of the refits
};

// Adds profile intervals to the estimates of all free parameters. They hold the values at which the cost, all other
// parameters refitted, exceeds its minimum by at most
//
//   t^2 sigma^2 V / V_0,
//
// where t is the two-sided quantile of Student's distribution, V the coordinate's variance by the sandwich and V_0 its
// variance for independent records (the adjusted likelihood of Chandler and Bate 2007; V / V_0 = 1 without a sandwich).
// Ends are found to 1e-6 of their distance; an end beyond the parameter's bound stays unset. Errors: those of `stop`.
absl::Status AddProfileIntervals(const ProfileSource& source, const StopSignal& stop, std::vector<Estimate>& estimates);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_PROFILE_H_
