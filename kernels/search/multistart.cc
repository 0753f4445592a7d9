#include "kernels/search/multistart.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/trace.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/linearization.h"

namespace ctxfit {
namespace {

// Deviance units above the best end within which an end may mark the lowest basin over all cells: costs over coarse
// cells are off by far less.
constexpr double kReach = 20;

// Ends of one optimum to return: the second lets a refinement confirm the first.
constexpr std::ptrdiff_t kMaxEndsPerOptimum = 2;

// Extra starts per batch; the first batch also holds the best candidates. One batch is enough where many descents reach
// the best end: of 1,000 fits (the 50 sets of tests/oracle, 20 seeds each), eight early candidates and the faces missed
// the lowest optimum in two and found it only once in two more; with 24 none did.
constexpr std::ptrdiff_t kBatchSize = 32;

// The points of the ends, sorted by cost, that lie within reach of the best.
std::vector<Point> CandidateBasins(const std::vector<DescentEnd>& ends, const Domain& domain, double variance) {
  std::vector<Point> candidate_basins;
  for (const DescentEnd& end : ends) {
    if (end.cost - ends.front().cost > kReach * variance) break;
    const auto same = std::count_if(candidate_basins.begin(), candidate_basins.end(), [&](const Point& other) {
      return SquaredDistance(end.equations, domain, end.point, other) < kAgreement * variance;
    });
    if (same < kMaxEndsPerOptimum) candidate_basins.push_back(end.point);
  }
  return candidate_basins;
}

}  // namespace

absl::StatusOr<std::vector<Point>> Multistart(const Cells& coarse, const Domain& domain, const std::vector<Point>& best,
                                              const std::vector<Point>& extra_starts, const HostCompute& host,
                                              const StopSignal& stop, Trace* trace) {
  auto next = extra_starts.begin();
  const auto with_extra_starts = [&](std::vector<Point> starts) {
    const auto end = next + std::min(kBatchSize, extra_starts.end() - next);
    starts.insert(starts.end(), std::exchange(next, end), end);
    return starts;
  };
  const VarianceRule variance_at(coarse, domain.free_count());
  std::vector<DescentEnd> ends;
  double variance = 0;
  bool unconfirmed = true;  // no second end agrees with the best
  std::vector<Point> batch = with_extra_starts(best);
  while (unconfirmed && !batch.empty()) {
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<DescentEnd> batch_ends,
                            DescendFromAll(coarse, domain, batch, host, stop));
    ends.insert(ends.end(), batch_ends.begin(), batch_ends.end());
    std::stable_sort(ends.begin(), ends.end(),
                     [](const DescentEnd& a, const DescentEnd& b) { return a.cost < b.cost; });
    variance = variance_at(ends.front().cost + coarse.within_cost);
    unconfirmed = ends.size() < 2 || ends[1].cost - ends[0].cost > kAgreement * variance;
    batch = with_extra_starts({});
  }
  if (trace != nullptr) trace->OnSearchEnds(ends, variance);
  return CandidateBasins(ends, domain, variance);
}

}  // namespace ctxfit
