#include "kernels/search/search.h"

#include <cstddef>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "kernels/backend/proposal.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/coarsen.h"
#include "kernels/descent/descent.h"
#include "kernels/objective/linearization.h"
#include "kernels/search/multistart.h"
#include "kernels/search/search_options.h"
#include "kernels/search/starts.h"

namespace ctxfit {
namespace {

BasicPoint<float> ToMember(const Point& point) {
  BasicPoint<float> member;
  for (int i = 0; i < kCoordinateCount; ++i) member.at[i] = static_cast<float>(point.at[i]);
  return member;
}

// Chooses starts about the best end so far: on the faces where a factor is flat, and the best candidate of each shape
// of the factors, also with both asymptotes on their bounds, and of the penalty. Candidates are evaluated like a
// population, which costs far less than descents.
class StartProposer {
 public:
  StartProposer(Backend& backend, const Cells& coarse, const Domain& domain, const ProposalSettings& settings,
                const StopSignal& stop)
      : backend_(backend), coarse_(coarse), domain_(domain), settings_(settings), stop_(stop) {}

  absl::StatusOr<std::vector<Point>> operator()(const Point& best) const {
    std::vector<Point> starts = FlatStarts(domain_, best);
    CTXFIT_RETURN_IF_ERROR(AddBest(FactorCandidates(coarse_, domain_, best), starts));
    for (const Point& corner : AsymptoteCorners(domain_, best)) {
      CTXFIT_RETURN_IF_ERROR(AddBest(FactorCandidates(coarse_, domain_, corner), starts));
    }
    CTXFIT_RETURN_IF_ERROR(AddBest(PenaltyCandidates(coarse_, domain_, best), starts));
    return starts;
  }

 private:
  absl::Status AddBest(const std::vector<StartCandidate>& candidates, std::vector<Point>& starts) const {
    if (candidates.empty()) return absl::OkStatus();
    std::vector<BasicPoint<float>> members;
    members.reserve(candidates.size());
    for (const StartCandidate& candidate : candidates) members.push_back(ToMember(candidate.point));
    CTXFIT_ASSIGN_OR_RETURN(const std::unique_ptr<PopulationSearch> population,
                            backend_.StartSearch({{coarse_, settings_, members}}, stop_));
    CTXFIT_ASSIGN_OR_RETURN(const Population evaluated, population->Read(0));
    const std::vector<Point> best = BestOfEachShape(candidates, evaluated.costs);
    starts.insert(starts.end(), best.begin(), best.end());
    return absl::OkStatus();
  }

  Backend& backend_;
  const Cells& coarse_;
  const Domain& domain_;
  const ProposalSettings& settings_;
  const StopSignal& stop_;
};

// Returns the cells to descend over: coarse ones, unless the cells are few and a penalty is fitted. A penalty that is a
// step has an optimum between any two observations, and coarse cells move these.
Cells CellsToDescendOver(const Cells& cells, const Domain& domain) {
  constexpr std::size_t kFewCells = 1024;
  const bool fits_penalty = domain.free[kLogPenaltyWidth] || domain.free[kLogPenaltyOnset];
  return fits_penalty && cells.size() <= kFewCells ? cells : Coarsen(cells, kCoarsePrompts);
}

SearchResult NothingToFit(const Cells& cells, const Domain& domain) {
  SearchResult result;
  result.termination = SearchTermination::kNothingToFit;
  result.termination_message = "every parameter is fixed";
  result.starts = {domain.lower};
  result.best = domain.lower;
  result.best_cost = WeightedCost(cells, domain.lower);
  return result;
}

}  // namespace

GlobalSearch::GlobalSearch(const Backend& backend, const Cells& cells, const Domain& domain,
                           const SearchOptions& options, std::uint64_t seed, SearchObserver observer, Trace* trace)
    : cells_(cells),
      domain_(domain),
      options_(options),
      seed_(seed),
      observer_(std::move(observer)),
      trace_(trace),
      over_(options.over == SearchOver::kAuto ? backend.DefaultSearchOver() : options.over),
      candidate_count_(options.candidates.value_or(backend.DefaultCandidates())) {
  const absl::Time begin = absl::Now();
  coarse_ = CellsToDescendOver(cells, domain);
  preparation_ = absl::Now() - begin;
}

Evolution GlobalSearch::evolution() const {
  return {searched(), domain_, options_, seed_, candidate_count_, observer_, trace_};
}

absl::StatusOr<SearchResult> GlobalSearch::Descend(Backend& backend, const EvolutionEnd& end,
                                                   const StopSignal& stop) const {
  if (end.termination == SearchTermination::kNothingToFit) return NothingToFit(cells_, domain_);
  const absl::Time begin = absl::Now();
  SearchResult result;
  result.termination = end.termination;
  result.termination_message = end.termination_message;
  result.generation_count = end.generation_count;
  result.candidate_count = candidate_count_;
  result.evaluation_count = end.evaluation_count;
  result.non_finite_count = end.non_finite_count;
  result.over = searched().size() < cells_.size() ? SearchOver::kBins : SearchOver::kObservations;
  result.cell_count = static_cast<std::int64_t>(searched().size());
  result.candidate_records_per_second = static_cast<double>(end.evaluation_count) *
                                        static_cast<double>(cells_.record_count) / absl::ToDoubleSeconds(end.duration);
  result.best = end.best.front();
  result.best_cost = EquationsAt(cells_, {result.best}, backend.Host(), stop).front().cost + cells_.within_cost;
  const ProposalSettings settings = MakeSettings(domain_, options_, seed_);
  const StartProposer propose(backend, coarse_, domain_, settings, stop);
  CTXFIT_ASSIGN_OR_RETURN(result.starts,
                          Multistart(coarse_, domain_, end.best, propose, end.early, backend.Host(), stop, trace_));
  result.duration = preparation_ + end.duration + (absl::Now() - begin);
  return result;
}

absl::StatusOr<SearchResult> SearchGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                            const SearchOptions& options, std::uint64_t seed, const StopSignal& stop,
                                            const SearchObserver& observer, Trace* trace) {
  const GlobalSearch search(backend, cells, domain, options, seed, observer, trace);
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<EvolutionEnd> ends, Evolve(backend, {search.evolution()}, stop));
  return search.Descend(backend, ends.front(), stop);
}

}  // namespace ctxfit
