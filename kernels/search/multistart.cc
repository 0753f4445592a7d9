#include "kernels/search/multistart.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/trace.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/linearization.h"

namespace ctxfit {
namespace {

// Ends within this many deviance units of each other are one optimum.
constexpr double kAgreement = 0.01;
// The deviance units within which ends are promising: costs over coarse cells are off by far less.
constexpr double kReach = 20;
// Explorers that go down together, the first of them with the best candidates. They are enough where many find the best
// end: of 1,000 fits (the 50 sets of tests/oracle, 20 seeds each), eight early candidates and the faces missed the
// lowest optimum in two and found it but once in two more; 24 in none.
constexpr std::ptrdiff_t kTogether = 32;

}  // namespace

absl::StatusOr<std::vector<Point>> Multistart(const Cells& coarse, const Domain& domain, const std::vector<Point>& best,
                                              const std::vector<Point>& extra_starts, ThreadPool& pool,
                                              const StopSignal& stop, Trace* trace) {
  std::vector<Point> promising;
  const VarianceRule variance_at(coarse, domain.free_count());
  std::vector<DescentEnd> ends;
  double variance = 0;
  bool alone = true;
  std::vector<Point> turn = best;
  for (auto next = extra_starts.begin(); alone && (ends.empty() || next != extra_starts.end()); turn.clear()) {
    const auto end = next + std::min(kTogether, extra_starts.end() - next);
    turn.insert(turn.end(), std::exchange(next, end), end);
    const absl::StatusOr<std::vector<DescentEnd>> more = DescendFromAll(coarse, domain, turn, pool, stop);
    if (!more.ok()) return more.status();
    ends.insert(ends.end(), more->begin(), more->end());
    std::stable_sort(ends.begin(), ends.end(),
                     [](const DescentEnd& a, const DescentEnd& b) { return a.cost < b.cost; });
    variance = variance_at(ends.front().cost + coarse.within_cost);
    alone = ends.size() < 2 || ends[1].cost - ends[0].cost > kAgreement * variance;
  }
  if (trace != nullptr) trace->OnSearchEnds(ends, variance);
  for (const DescentEnd& end : ends) {
    if (end.cost - ends.front().cost > kReach * variance) break;
    const auto same = std::count_if(promising.begin(), promising.end(), [&](const Point& other) {
      return SquaredDistance(end.equations, domain, end.point, other) < kAgreement * variance;
    });
    if (same < 2) promising.push_back(end.point);
  }
  return promising;
}

}  // namespace ctxfit
