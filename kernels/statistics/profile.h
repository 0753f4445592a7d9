#ifndef CTXFIT_KERNELS_STATISTICS_PROFILE_H_
#define CTXFIT_KERNELS_STATISTICS_PROFILE_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/statistics/estimates.h"
#include "kernels/statistics/sandwich.h"

namespace ctxfit {

struct Cells;
struct VectorKernels;

// What a profile is taken of: a law at the optimum of `cells`, whose coordinates in `free_set` are fitted and
// identified.
struct ProfileSource {
  const Cells& cells;
  const Domain& free_set;
  const Law& law;
  double variance;                          // sigma^2
  double confidence;                        // in (0, 1)
  const std::optional<Sandwich>& sandwich;  // unset: records are taken for independent
  const VectorKernels& kernels;             // the instruction set of the refits
};

// Adds the profile interval of every parameter that moves to its estimate: the values at which the cost, all other
// parameters refitted, lies above its least by no more than
//
//   t^2 sigma^2 V / V_0,
//
// t the two-sided quantile of Student's distribution, V the sandwich's variance of the coordinate and V_0 that of
// independent records (Chandler and Bate 2007; 1 without a sandwich). An end beyond the parameter's bound stays unset.
// Errors: those of `stop`.
absl::Status AddProfileIntervals(const ProfileSource& source, const StopSignal& stop, std::vector<Estimate>& estimates);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_PROFILE_H_
