#include "kernels/search/evolution.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/descent/trace.h"
#include "kernels/objective/linearization.h"
#include "kernels/search/candidates.h"
#include "kernels/search/search_options.h"

namespace ctxfit {
namespace {

// Square of the rounding of residuals in single precision, 3e-7.
constexpr double kMinVariance = 1e-13;

// Members of the first generation that are extra starts.
constexpr int kEarlyStarts = 120;

// Decides when a search ends, in deviance units: cost differences over sigma^2, the residual variance at the best.
class TerminationRule {
 public:
  TerminationRule(const Cells& cells, const Domain& domain, const SearchOptions& options)
      : options_(options), within_cost_(cells.within_cost), variance_at_(cells, domain.free_count(), kMinVariance) {}

  // True if the search ends at `summary`; the reason is then written to `end`.
  bool Ends(const PopulationSummary& summary, EvolutionEnd& end) {
    const double variance = variance_at_(summary.best_cost + within_cost_);
    const double tolerance = options_.tolerance_deviance;
    const double spread = (summary.mean_cost - summary.best_cost) / variance;
    history_.resize(summary.generation + 1, summary.best_cost);
    const int past = summary.generation - options_.stagnation_generations;
    if (spread < tolerance) {
      end.termination = SearchTermination::kConverged;
      end.termination_message =
          absl::StrFormat("(mean cost - best cost) / sigma^2 = %.3g < %g deviance units", spread, tolerance);
      return true;
    }
    if (past >= 0 && (history_[past] - summary.best_cost) / variance < tolerance) {
      end.termination = SearchTermination::kStagnated;
      end.termination_message =
          absl::StrFormat("the best cost fell by %.3g < %g deviance units in %d generations",
                          (history_[past] - summary.best_cost) / variance, tolerance, options_.stagnation_generations);
      return true;
    }
    if (summary.generation >= options_.max_generations) {
      end.termination = SearchTermination::kGenerationLimit;
      end.termination_message = absl::StrFormat("generation %d = the limit of %d; spread %.3g >= %g deviance units",
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

// An evolution under way.
class EvolutionRun {
 public:
  EvolutionRun(const Evolution& evolution, EvolutionEnd& end)
      : evolution_(evolution), rule_(evolution.cells, evolution.domain, evolution.options), end_(end) {}

  void Populate() { initial_ = LatinHypercube(evolution_.domain, evolution_.candidate_count, evolution_.seed); }

  SearchProblem problem() const {
    return {evolution_.cells, MakeSettings(evolution_.domain, evolution_.options, evolution_.seed), initial_};
  }

  // True if the evolution ends at `summary`.
  bool EndsAt(const PopulationSummary& summary) {
    const double within_cost = evolution_.cells.within_cost;
    evolution_.observer(summary.generation, summary.best_cost + within_cost);
    if (evolution_.trace != nullptr) {
      evolution_.trace->OnGeneration(summary.generation, summary.best_cost + within_cost,
                                     summary.mean_cost + within_cost);
    }
    end_.generation_count = summary.generation;
    end_.evaluation_count = summary.evaluation_count;
    end_.non_finite_count = summary.non_finite_count;
    return rule_.Ends(summary, end_);
  }

  void KeepEarly(const Population& population) {
    end_.early = BestDistinct(population, evolution_.domain, kEarlyStarts);
  }

  void KeepBest(const Population& population) {
    end_.best = BestDistinct(population, evolution_.domain, evolution_.options.refined_candidates);
  }

  void KeepDuration(absl::Duration duration) { end_.duration = duration; }

  int max_generations() const { return evolution_.options.max_generations; }

 private:
  const Evolution& evolution_;
  TerminationRule rule_;
  EvolutionEnd& end_;
  std::vector<BasicPoint<float>> initial_;
};

// One search of the first runs, as many as the backend takes.
class SharedSearch {
 public:
  SharedSearch(Backend& backend, absl::Span<const std::unique_ptr<EvolutionRun>> runs, const StopSignal& stop)
      : backend_(backend), runs_(runs), stop_(stop) {}

  // Evolves them to their ends, and returns how many they are.
  absl::StatusOr<std::size_t> Run() {
    const absl::Time begin = absl::Now();
    std::vector<SearchProblem> problems;
    for (const auto& run : runs_) problems.push_back(run->problem());
    CTXFIT_ASSIGN_OR_RETURN(search_, backend_.StartSearch(problems, stop_));
    std::vector<int> running(search_->problem_count());
    std::iota(running.begin(), running.end(), 0);
    const std::size_t count = running.size();
    int generations = 0;
    while (!running.empty()) {
      CTXFIT_ASSIGN_OR_RETURN(const std::vector<PopulationSummary> summaries,
                              search_->Advance(running, generations, stop_));
      const int generation = summaries.front().generation;
      if (generation == 1) CTXFIT_RETURN_IF_ERROR(Read(running, &EvolutionRun::KeepEarly));
      const std::vector<int> ended = TakeEnded(summaries, running);
      CTXFIT_RETURN_IF_ERROR(Read(ended, &EvolutionRun::KeepBest));
      for (const int problem : ended) runs_[problem]->KeepDuration(absl::Now() - begin);
      generations = std::min(backend_.GenerationsPerReading(), runs_.front()->max_generations() - generation);
      if (generation == 0) generations = 1;
    }
    return count;
  }

 private:
  // Takes the problems that end at their summary out of `running`, and returns them.
  std::vector<int> TakeEnded(const std::vector<PopulationSummary>& summaries, std::vector<int>& running) const {
    std::vector<int> ended;
    std::vector<int> others;
    for (std::size_t i = 0; i < running.size(); ++i) {
      (runs_[running[i]]->EndsAt(summaries[i]) ? ended : others).push_back(running[i]);
    }
    running = std::move(others);
    return ended;
  }

  // Reads the populations of `problems`, and has their runs keep what they need of them.
  absl::Status Read(const std::vector<int>& problems, void (EvolutionRun::*keep)(const Population&)) const {
    std::vector<Population> populations(problems.size());
    for (std::size_t i = 0; i < problems.size(); ++i) {
      CTXFIT_RETURN_IF_ERROR(stop_.Check());
      CTXFIT_ASSIGN_OR_RETURN(populations[i], search_->Read(problems[i]));
    }
    return backend_.Threads().ParallelFor(problems.size(), stop_,
                                          [&](std::size_t i, int) { (*runs_[problems[i]].*keep)(populations[i]); });
  }

  Backend& backend_;
  const absl::Span<const std::unique_ptr<EvolutionRun>> runs_;
  const StopSignal& stop_;
  std::unique_ptr<PopulationSearch> search_;
};

}  // namespace

ProposalSettings MakeSettings(const Domain& domain, const SearchOptions& options, std::uint64_t seed) {
  ProposalSettings settings{};
  settings.seed = seed;
  for (int i = 0; i < kCoordinateCount; ++i) {
    settings.lower.at[i] = static_cast<float>(domain.lower.at[i]);
    settings.upper.at[i] = static_cast<float>(domain.upper.at[i]);
    settings.free[i] = domain.free[i];
  }
  settings.crossover = static_cast<float>(options.crossover);
  settings.mutation_lower = static_cast<float>(options.mutation.lower);
  settings.mutation_upper = static_cast<float>(options.mutation.upper);
  return settings;
}

absl::StatusOr<std::vector<EvolutionEnd>> Evolve(Backend& backend, absl::Span<const Evolution> evolutions,
                                                 const StopSignal& stop) {
  std::vector<EvolutionEnd> ends(evolutions.size());
  std::vector<std::unique_ptr<EvolutionRun>> runs;
  for (std::size_t i = 0; i < evolutions.size(); ++i) {
    if (evolutions[i].domain.free_count() == 0) continue;
    runs.push_back(std::make_unique<EvolutionRun>(evolutions[i], ends[i]));
  }
  CTXFIT_RETURN_IF_ERROR(
      backend.Threads().ParallelFor(runs.size(), stop, [&runs](std::size_t i, int) { runs[i]->Populate(); }));
  for (std::size_t begin = 0; begin < runs.size();) {
    CTXFIT_ASSIGN_OR_RETURN(const std::size_t count,
                            SharedSearch(backend, absl::MakeConstSpan(runs).subspan(begin), stop).Run());
    begin += count;
  }
  return ends;
}

}  // namespace ctxfit
