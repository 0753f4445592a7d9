#ifndef CTXFIT_KERNELS_STATISTICS_PROFILE_H_
#define CTXFIT_KERNELS_STATISTICS_PROFILE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/law/coordinate.h"

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

// One end of the profile interval of a coordinate.
struct ProfileEnd {
  std::optional<double> value;  // value of the coordinate there
  std::string reason;           // why there is no value, after "because"; "" if there is one
};

// The profile interval of a coordinate.
struct ProfileInterval {
  Coordinate coordinate;
  ProfileEnd lower;
  ProfileEnd upper;
};

// The profiles of a fit.
struct Profiles {
  std::vector<ProfileInterval> intervals;  // one for each free coordinate
  std::vector<Point> lower_ends;           // ends of refits below the cost of the fit, which is then no optimum
};

// Finds the profile intervals of all free coordinates. They hold the values at which the cost, all other coordinates
// refitted, exceeds its minimum by at most
//
//   t^2 sigma^2 V / V_0,
//
// where t is the two-sided quantile of Student's distribution, V the coordinate's variance by the sandwich and V_0 its
// variance for independent records (the adjusted likelihood of Chandler and Bate 2007; V / V_0 = 1 without a sandwich).
// Each refit has a warm start, the end of the farthest refit within the interval. Ends are found to 1e-6 of their
// distance. A refit that costs less than the fit, by more than ends of one optimum differ, ends the profile of its
// side. Errors: those of `stop`.
absl::StatusOr<Profiles> FindProfiles(const ProfileSource& source, const StopSignal& stop);

// Profiles without any end, for one reason.
Profiles NoProfiles(const Domain& domain, const std::string& reason);

// Writes `profiles` of the coordinates of `law` to the estimates of its parameters.
void AddProfileIntervals(const Profiles& profiles, const Law& law, std::vector<Estimate>& estimates);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_PROFILE_H_
