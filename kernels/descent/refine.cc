#include "kernels/descent/refine.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/descent/polish.h"
#include "kernels/descent/trace.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/linearization.h"

namespace ctxfit {
namespace {

// Ends whose predictions differ by less than this, root mean square, are one optimum even if the residuals are as
// small: where they vanish, so does the deviance unit, and the solver's last steps are no smaller.
constexpr double kSamePrediction = 1e-9;
// Converged if the squared distance to the optimum, in standard errors, is below this.
constexpr double kGradientTolerance = 1e-6;

// Groups the ends, sorted by cost, into basins: ends closer than kAgreement or kSamePrediction are one. The best first.
std::vector<Basin> FindBasins(const Cells& cells, const Domain& domain, const std::vector<DescentEnd>& ends,
                              double variance) {
  const double total_weight = std::accumulate(cells.weight.begin(), cells.weight.end(), 0.0);
  const double apart = std::max(kAgreement * variance, kSamePrediction * kSamePrediction * total_weight);
  std::vector<Basin> basins;
  std::vector<const NormalEquations*> equations;
  for (const DescentEnd& end : ends) {
    std::size_t same = 0;
    while (same < basins.size() && SquaredDistance(*equations[same], domain, end.point, basins[same].point) >= apart) {
      ++same;
    }
    if (same == basins.size()) {
      const double deviance = std::max(0.0, end.cost - ends.front().cost) / variance;
      basins.push_back({end.point, end.cost + cells.within_cost, deviance, 0});
      equations.push_back(&end.equations);
    }
    ++basins[same].end_count;
  }
  return basins;
}

// True if no part of the Gauss-Newton step lowers the cost by as much as matters. Along a direction that hardly
// changes a prediction, such as a penalty's width and onset between scores of 1 and scores of 0, cost and curvature
// fall off together towards a plateau: g' H^-1 g promises a fall there that does not come.
bool IsAtRest(const Cells& cells, const Domain& domain, const DescentEnd& end, const bool* free_set, double variance) {
  double step[kCoordinateCount];
  constexpr double kDamping = 1e-12;  // the relative eigenvalue from which a direction counts in the gradient
  if (!SolveNormalEquations(end.equations, free_set, kDamping, step)) return false;
  constexpr double kMatters = 1e-3;  // deviance units, a tenth of kAgreement
  constexpr int kParts = 11;         // the smallest is 1e-6 of the step
  for (int part = 0; part < kParts; ++part) {
    const double cost = WeightedCost(cells, StepWithin(domain, end.point, step)) - cells.within_cost;
    if (end.cost - cost > kMatters * variance) return false;
    for (double& component : step) component /= 4;
  }
  return true;
}

// Decides from the ends, sorted by cost, whether the refinement has converged.
Refinement Judge(const Cells& cells, const Domain& domain, const std::vector<DescentEnd>& ends) {
  const DescentEnd& best = ends.front();
  Refinement refinement;
  refinement.point = best.point;
  refinement.equations = best.equations;
  refinement.start_count = static_cast<int>(ends.size());
  refinement.iteration_count = best.iterations;
  refinement.initial_cost = best.initial_cost + cells.within_cost;
  refinement.final_cost = best.cost + cells.within_cost;

  const double variance = ResidualVariance(cells, refinement.final_cost, domain.free_count());
  bool free_set[kCoordinateCount];
  FindFreeSet(domain, best.point, best.equations.jtr, free_set);
  refinement.gradient_in_standard_errors = GradientInStandardErrors(best.equations, free_set, variance);
  refinement.agreeing_count = static_cast<int>(std::count_if(
      ends.begin(), ends.end(), [&](const DescentEnd& end) { return end.cost - best.cost <= kAgreement * variance; }));
  refinement.basins = FindBasins(cells, domain, ends, variance);
  const bool is_small = refinement.gradient_in_standard_errors < kGradientTolerance;
  const bool is_plateau = !is_small && IsAtRest(cells, domain, best, free_set, variance);
  refinement.converged = (is_small || is_plateau) && refinement.agreeing_count >= 2;
  refinement.termination_message = absl::StrFormat(
      "g' H^-1 g = %.2g %s %.0e squared standard errors%s; %d of %d starts agree within %g deviance units",
      refinement.gradient_in_standard_errors, is_small ? "<" : ">=", kGradientTolerance,
      is_plateau ? ", but no step that way lowers the cost by 0.001 deviance units" : "", refinement.agreeing_count,
      refinement.start_count, kAgreement);
  return refinement;
}

// Traces the ends, of which Polish() moved the best from `unpolished`.
void TraceEnds(const Cells& cells, const Domain& domain, const DescentEnd& unpolished, std::vector<DescentEnd> ends,
               Trace& trace) {
  const DescentEnd polished = std::exchange(ends.front(), unpolished);
  const double variance = ResidualVariance(cells, polished.cost + cells.within_cost, domain.free_count());
  trace.OnRefinementEnds(ends, variance);
  trace.OnPolish(unpolished, polished, variance);
}

// Descends from all starts and polishes the best end. Returns the ends, the best first.
absl::StatusOr<std::vector<DescentEnd>> FindEnds(const Cells& cells, const Domain& domain,
                                                 const std::vector<Point>& starts, const HostCompute& host,
                                                 const StopSignal& stop, Trace* trace) {
  CTXFIT_ASSIGN_OR_RETURN(std::vector<DescentEnd> ends, DescendFromAll(cells, domain, starts, host, stop));
  std::stable_sort(ends.begin(), ends.end(), [](const DescentEnd& a, const DescentEnd& b) { return a.cost < b.cost; });
  const DescentEnd unpolished = ends.front();
  Polish(cells, domain, host, stop, ends.front());
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  if (trace != nullptr) TraceEnds(cells, domain, unpolished, ends, *trace);
  return ends;
}

Refinement NothingToRefine(const Cells& cells, const Point& point) {
  Refinement refinement;
  refinement.point = point;
  refinement.converged = true;
  refinement.termination_message = "every parameter is fixed";
  refinement.initial_cost = refinement.final_cost = WeightedCost(cells, point);
  return refinement;
}

}  // namespace

absl::StatusOr<Refinement> Refine(const Cells& cells, const Domain& domain, const std::vector<Point>& starts,
                                  const HostCompute& host, const StopSignal& stop, Trace* trace) {
  if (domain.free_count() == 0) return NothingToRefine(cells, starts.front());
  const absl::Time begin = absl::Now();
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<DescentEnd> ends, FindEnds(cells, domain, starts, host, stop, trace));
  Refinement refinement = Judge(cells, domain, ends);
  refinement.duration = absl::Now() - begin;
  return refinement;
}

}  // namespace ctxfit
