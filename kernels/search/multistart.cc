#include "kernels/search/multistart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "absl/status/status.h"
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

// Extra starts per batch.
constexpr std::ptrdiff_t kBatchSize = 32;

// Optima about which starts are proposed where more than the factors is fitted: a proposal keeps the penalty or the
// factors of its optimum, so the way to the lowest one may lead through one of the next best.
constexpr int kMaxOptima = 4;

// Limit on the optima about which starts are proposed.
constexpr int kMaxRounds = 10;

// The points of the ends, sorted by cost, that lie within reach of the best. Where a coordinate has no influence, as
// the onset of a penalty that is a step between two observations, points of different costs can look alike: they are
// different optima.
std::vector<Point> CandidateBasins(const std::vector<DescentEnd>& ends, const Domain& domain, double variance) {
  std::vector<const DescentEnd*> candidate_basins;
  for (const DescentEnd& end : ends) {
    if (end.cost - ends.front().cost > kReach * variance) break;
    const auto same = std::count_if(candidate_basins.begin(), candidate_basins.end(), [&](const DescentEnd* other) {
      return end.cost - other->cost <= kAgreement * variance &&
             SquaredDistance(end.equations, domain, end.point, other->point) < kAgreement * variance;
    });
    if (same < kMaxEndsPerOptimum) candidate_basins.push_back(&end);
  }
  std::vector<Point> points;
  for (const DescentEnd* basin : candidate_basins) points.push_back(basin->point);
  return points;
}

// Descents whose ends are collected, the best first.
class Descents {
 public:
  Descents(const Cells& coarse, const Domain& domain, const HostCompute& host, const StopSignal& stop)
      : coarse_(coarse), domain_(domain), host_(host), stop_(stop), variance_at_(coarse, domain.free_count()) {}

  // Descends from those of `starts` that were not used before.
  absl::Status From(const std::vector<Point>& starts) {
    const std::size_t first = starts_.size();
    for (const Point& start : starts) {
      if (!IsUsed(start)) starts_.push_back(start);
    }
    if (starts_.size() == first) return absl::OkStatus();
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<DescentEnd> ends,
                            DescendFromAll(coarse_, domain_, {starts_.begin() + first, starts_.end()}, host_, stop_));
    ends_.insert(ends_.end(), ends.begin(), ends.end());
    std::stable_sort(ends_.begin(), ends_.end(),
                     [](const DescentEnd& a, const DescentEnd& b) { return a.cost < b.cost; });
    return absl::OkStatus();
  }

  const std::vector<DescentEnd>& ends() const { return ends_; }
  const DescentEnd& best() const { return ends_.front(); }
  double variance() const { return variance_at_(best().cost + coarse_.within_cost); }
  double agreement() const { return kAgreement * variance(); }

  // The best of the `optima` best optima that is none of those of the costs `known`; null if there is none. Ends of one
  // cost are one optimum here.
  const DescentEnd* BestOutside(const std::vector<double>& known, int optima) const {
    double last = -INFINITY;
    for (const DescentEnd& end : ends_) {
      if (end.cost - last <= agreement()) continue;
      if (optima-- == 0 || end.cost - best().cost > kReach * variance()) return nullptr;
      last = end.cost;
      const auto is_end = [&](double cost) { return std::abs(end.cost - cost) <= agreement(); };
      if (std::none_of(known.begin(), known.end(), is_end)) return &end;
    }
    return nullptr;
  }

  bool confirmed() const { return ends_.size() >= 2 && ends_[1].cost - ends_[0].cost <= agreement(); }

 private:
  bool IsUsed(const Point& start) const {
    return std::any_of(starts_.begin(), starts_.end(), [&](const Point& used) {
      return std::equal(std::begin(start.at), std::end(start.at), std::begin(used.at));
    });
  }

  const Cells& coarse_;
  const Domain& domain_;
  const HostCompute& host_;
  const StopSignal& stop_;
  const VarianceRule variance_at_;
  std::vector<Point> starts_;
  std::vector<DescentEnd> ends_;
};

// Descends from what `propose` returns for each of the best `optima` optima, until it has been asked about all of them.
absl::Status DescendAboutBest(Descents& descents, int optima, ProposeStarts propose) {
  std::vector<double> asked;  // costs
  for (int round = 0; round < kMaxRounds; ++round) {
    const DescentEnd* next = descents.BestOutside(asked, optima);
    if (next == nullptr) break;
    asked.push_back(next->cost);
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<Point> starts, propose(next->point));
    CTXFIT_RETURN_IF_ERROR(descents.From(starts));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Point>> Multistart(const Cells& coarse, const Domain& domain, const std::vector<Point>& best,
                                              ProposeStarts propose, const std::vector<Point>& extra_starts,
                                              const HostCompute& host, const StopSignal& stop, Trace* trace) {
  Descents descents(coarse, domain, host, stop);
  const int optima = domain.factors_only() ? 1 : kMaxOptima;
  CTXFIT_RETURN_IF_ERROR(descents.From(best));
  CTXFIT_RETURN_IF_ERROR(DescendAboutBest(descents, optima, propose));
  auto next = extra_starts.begin();
  while (!descents.confirmed() && next != extra_starts.end()) {
    const double cost = descents.best().cost;
    const auto end = next + std::min(kBatchSize, extra_starts.end() - next);
    CTXFIT_RETURN_IF_ERROR(descents.From({next, end}));
    next = end;
    if (cost - descents.best().cost > descents.agreement()) {
      CTXFIT_RETURN_IF_ERROR(DescendAboutBest(descents, optima, propose));
    }
  }
  if (trace != nullptr) trace->OnSearchEnds(descents.ends(), descents.variance());
  return CandidateBasins(descents.ends(), domain, descents.variance());
}

}  // namespace ctxfit
