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
#include "kernels/law/loss_rule.h"
#include "kernels/law/options.h"
#include "kernels/objective/linearization.h"
#include "kernels/search/multistart.h"

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

// Returns starts on the faces where a factor no longer depends on its variable: its exponent is at the lower bound, or
// its coefficient at the upper one. Optima there have narrow basins, which a population rarely enters. Each start is
// the best candidate with one factor changed; a face has two, at different levels of the factor's other coordinate, so
// that one can confirm the other.
std::vector<Point> FlatStarts(const Domain& domain, const Point& best) {
  std::vector<Point> starts;
  constexpr std::pair<Coordinate, Coordinate> kFactors[] = {{kLogComputeCoefficient, kComputeExponent},
                                                            {kLogContextCoefficient, kContextExponent}};
  const auto add = [&](Coordinate at_bound, double bound, Coordinate other, double level) {
    Point start = best;
    start.at[at_bound] = bound;
    start.at[other] = std::clamp(level, domain.lower.at[other], domain.upper.at[other]);
    starts.push_back(start);
  };
  for (const auto& [coefficient, exponent] : kFactors) {
    if (domain.free[exponent]) {
      for (const double level : {0.0, 1.0}) add(exponent, domain.lower.at[exponent], coefficient, level);
    }
    if (domain.free[coefficient]) {
      for (const double level : {0.5, 2.0}) add(coefficient, domain.upper.at[coefficient], exponent, level);
    }
  }
  return starts;
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
  const Cells coarse = Coarsen(cells, kCoarsePrompts);
  SearchResult result;
  result.candidate_count = options.search.candidates.value_or(backend.DefaultCandidates());

  CTXFIT_ASSIGN_OR_RETURN(const std::unique_ptr<PopulationSearch> search,
                          backend.StartSearch(coarse, MakeSettings(domain, options),
                                              LatinHypercube(domain, result.candidate_count, options.seed), stop));

  TerminationRule rule(coarse, domain, options.search);
  std::vector<Point> early_starts;
  int generations = 0;
  while (true) {
    CTXFIT_ASSIGN_OR_RETURN(const PopulationSummary summary, search->Advance(generations, stop));
    observer(summary.generation, summary.best_cost + coarse.within_cost);
    if (trace != nullptr) {
      trace->OnGeneration(summary.generation, summary.best_cost + coarse.within_cost,
                          summary.mean_cost + coarse.within_cost);
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

  CTXFIT_ASSIGN_OR_RETURN(const Population population, search->Read());
  const std::vector<Point> best = BestDistinct(population, domain, options.search.refined_candidates);
  result.best = best.front();
  result.best_cost = EquationsAt(cells, {result.best}, backend.Host(), stop).front().cost + cells.within_cost;
  std::vector<Point> extra_starts = FlatStarts(domain, result.best);
  extra_starts.insert(extra_starts.end(), early_starts.begin(), early_starts.end());
  CTXFIT_ASSIGN_OR_RETURN(result.starts, Multistart(coarse, domain, best, extra_starts, backend.Host(), stop, trace));
  result.duration = absl::Now() - begin;
  return result;
}

}  // namespace ctxfit
