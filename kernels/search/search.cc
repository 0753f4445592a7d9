#include "kernels/search/search.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_format.h"
#include "kernels/base/philox.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/data/coarsen.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/trace.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/options.h"
#include "kernels/objective/linearization.h"
#include "kernels/search/multistart.h"
#include "kernels/search/starts.h"

namespace ctxfit {
namespace {

// Square of the rounding of residuals in single precision, 3e-7.
constexpr double kMinVariance = 1e-13;

ProposalSettings MakeSettings(const Domain& domain, const FitOptions& options) {
  ProposalSettings settings{};
  settings.seed = options.seed;
  for (int i = 0; i < kCoordinateCount; ++i) {
    settings.lower.at[i] = static_cast<float>(domain.lower.at[i]);
    settings.upper.at[i] = static_cast<float>(domain.upper.at[i]);
    settings.free[i] = domain.free[i];
  }
  settings.crossover = static_cast<float>(options.search.crossover);
  settings.mutation_lower = static_cast<float>(options.search.mutation.lower);
  settings.mutation_upper = static_cast<float>(options.search.mutation.upper);
  return settings;
}

// Converts a member to a point of the domain, which rounding to single precision may have left by half a unit in the
// last place.
Point ToPoint(const BasicPoint<float>& member, const Domain& domain) {
  Point point;
  for (int i = 0; i < kCoordinateCount; ++i) {
    point.at[i] = std::clamp(static_cast<double>(member.at[i]), domain.lower.at[i], domain.upper.at[i]);
  }
  return point;
}

BasicPoint<float> ToMember(const Point& point) {
  BasicPoint<float> member;
  for (int i = 0; i < kCoordinateCount; ++i) member.at[i] = static_cast<float>(point.at[i]);
  return member;
}

// The largest distance of two points in any free coordinate, as a share of its range.
double Distance(const Point& a, const Point& b, const Domain& domain) {
  double distance = 0;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!domain.free[i]) continue;
    const double range = domain.upper.at[i] - domain.lower.at[i];
    distance = std::max(distance, std::abs(a.at[i] - b.at[i]) / range);
  }
  return distance;
}

// Decides when a search ends, in deviance units: cost differences over sigma^2, the residual variance at the best.
class TerminationRule {
 public:
  TerminationRule(const Cells& cells, const Domain& domain, const SearchOptions& options)
      : options_(options), within_cost_(cells.within_cost), variance_at_(cells, domain.free_count(), kMinVariance) {}

  // True if the search ends at `summary`; the reason is then written to `result`.
  bool Ends(const PopulationSummary& summary, SearchResult& result) {
    const double variance = variance_at_(summary.best_cost + within_cost_);
    const double tolerance = options_.tolerance_deviance;
    const double spread = (summary.mean_cost - summary.best_cost) / variance;
    history_.resize(summary.generation + 1, summary.best_cost);
    const int past = summary.generation - options_.stagnation_generations;
    if (spread < tolerance) {
      result.termination = SearchTermination::kConverged;
      result.termination_message =
          absl::StrFormat("(mean cost - best cost) / sigma^2 = %.3g < %g deviance units", spread, tolerance);
      return true;
    }
    if (past >= 0 && (history_[past] - summary.best_cost) / variance < tolerance) {
      result.termination = SearchTermination::kStagnated;
      result.termination_message =
          absl::StrFormat("the best cost fell by %.3g < %g deviance units in %d generations",
                          (history_[past] - summary.best_cost) / variance, tolerance, options_.stagnation_generations);
      return true;
    }
    if (summary.generation >= options_.max_generations) {
      result.termination = SearchTermination::kGenerationLimit;
      result.termination_message = absl::StrFormat("generation %d = the limit of %d; spread %.3g >= %g deviance units",
                                                   summary.generation, options_.max_generations, spread, tolerance);
      return true;
    }
    return false;
  }

 private:
  const SearchOptions options_;
  const double within_cost_;
  const VarianceRule variance_at_;
  std::vector<double> history_;  // best cost by generation
};

// Members of the first generation that are extra starts.
constexpr int kEarlyStarts = 120;

// Chooses starts about the best end so far: on the faces where a factor is flat, and the best candidate of each shape
// of the factors and of the penalty. Candidates are evaluated like a population, which costs far less than descents.
class StartProposer {
 public:
  StartProposer(Backend& backend, const Cells& coarse, const Domain& domain, const ProposalSettings& settings,
                const StopSignal& stop)
      : backend_(backend), coarse_(coarse), domain_(domain), settings_(settings), stop_(stop) {}

  absl::StatusOr<std::vector<Point>> operator()(const Point& best) const {
    std::vector<Point> starts = FlatStarts(domain_, best);
    CTXFIT_RETURN_IF_ERROR(AddBest(FactorCandidates(coarse_, domain_, best), starts));
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
                            backend_.StartSearch(coarse_, settings_, std::move(members), stop_));
    CTXFIT_RETURN_IF_ERROR(population->Advance(0, stop_).status());
    CTXFIT_ASSIGN_OR_RETURN(const Population evaluated, population->Read());
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

std::vector<BasicPoint<float>> LatinHypercube(const Domain& domain, int count, std::uint64_t seed) {
  std::vector<BasicPoint<float>> members(count);
  std::vector<RandomWords> words(count);
  std::vector<int> order(count);
  for (int i = 0; i < kCoordinateCount; ++i) {
    const double range = domain.upper.at[i] - domain.lower.at[i];
    for (int member = 0; member < count; ++member) words[member] = Draw(seed, Purpose::kInitialPopulation, i, member);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return words[a].word[0] < words[b].word[0]; });
    for (int stratum = 0; stratum < count; ++stratum) {
      const int member = order[stratum];
      const double share = (stratum + Uniform(words[member].word[1])) / count;
      members[member].at[i] = static_cast<float>(domain.lower.at[i] + range * share);
    }
  }
  return members;
}

std::vector<Point> BestDistinct(const Population& population, const Domain& domain, int count) {
  std::vector<std::size_t> order(population.members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return population.costs[a] < population.costs[b]; });
  std::vector<Point> chosen;
  for (const double apart : {0.01, 0.0}) {
    for (const std::size_t member : order) {
      if (static_cast<int>(chosen.size()) >= count) return chosen;
      const Point point = ToPoint(population.members[member], domain);
      const bool distinct = std::all_of(chosen.begin(), chosen.end(),
                                        [&](const Point& other) { return Distance(point, other, domain) > apart; });
      if (distinct) chosen.push_back(point);
    }
  }
  return chosen;
}

absl::StatusOr<SearchResult> SearchGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                            const FitOptions& options, const StopSignal& stop,
                                            const SearchObserver& observer, Trace* trace) {
  if (domain.free_count() == 0) return NothingToFit(cells, domain);
  const absl::Time begin = absl::Now();
  const Cells coarse = CellsToDescendOver(cells, domain);
  const SearchOver over = options.search.over == SearchOver::kAuto ? backend.DefaultSearchOver() : options.search.over;
  const Cells& searched = over == SearchOver::kBins ? coarse : cells;
  const ProposalSettings settings = MakeSettings(domain, options);
  SearchResult result;
  result.candidate_count = options.search.candidates.value_or(backend.DefaultCandidates());
  result.cell_count = static_cast<std::int64_t>(searched.size());
  result.over = searched.size() < cells.size() ? SearchOver::kBins : SearchOver::kObservations;

  const absl::Time evolution_begin = absl::Now();
  CTXFIT_ASSIGN_OR_RETURN(
      const std::unique_ptr<PopulationSearch> search,
      backend.StartSearch(searched, settings, LatinHypercube(domain, result.candidate_count, options.seed), stop));

  TerminationRule rule(searched, domain, options.search);
  std::vector<Point> early_starts;
  int generations = 0;
  while (true) {
    CTXFIT_ASSIGN_OR_RETURN(const PopulationSummary summary, search->Advance(generations, stop));
    observer(summary.generation, summary.best_cost + searched.within_cost);
    if (trace != nullptr) {
      trace->OnGeneration(summary.generation, summary.best_cost + searched.within_cost,
                          summary.mean_cost + searched.within_cost);
    }
    result.generation_count = summary.generation;
    result.evaluation_count = summary.evaluation_count;
    result.non_finite_count = summary.non_finite_count;
    if (summary.generation == 1) {
      CTXFIT_ASSIGN_OR_RETURN(const Population population, search->Read());
      early_starts = BestDistinct(population, domain, kEarlyStarts);
    }
    if (rule.Ends(summary, result)) break;
    generations = std::min(backend.GenerationsPerReading(), options.search.max_generations - summary.generation);
    if (summary.generation == 0) generations = 1;
  }
  result.candidate_records_per_second = static_cast<double>(result.evaluation_count) *
                                        static_cast<double>(cells.record_count) /
                                        absl::ToDoubleSeconds(absl::Now() - evolution_begin);

  CTXFIT_ASSIGN_OR_RETURN(const Population population, search->Read());
  const std::vector<Point> best = BestDistinct(population, domain, options.search.refined_candidates);
  result.best = best.front();
  result.best_cost = EquationsAt(cells, {result.best}, backend.Host(), stop).front().cost + cells.within_cost;
  const StartProposer propose(backend, coarse, domain, settings, stop);
  CTXFIT_ASSIGN_OR_RETURN(result.starts,
                          Multistart(coarse, domain, best, propose, early_starts, backend.Host(), stop, trace));
  result.duration = absl::Now() - begin;
  return result;
}

}  // namespace ctxfit
