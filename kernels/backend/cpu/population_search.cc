#include "kernels/backend/cpu/population_search.h"

#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/backend/cpu/objective.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {
namespace {

// The evolution of one problem.
class CpuEvolution {
 public:
  CpuEvolution(const HostCompute& host, const SearchProblem& problem)
      : objective_(host.kernels, host.pool), settings_(problem.settings) {
    population_.members.assign(problem.initial.begin(), problem.initial.end());
  }

  // Loads the cells and evaluates the initial members.
  absl::Status Start(const Cells& cells, const StopSignal& stop) {
    CTXFIT_RETURN_IF_ERROR(objective_.Load(cells, stop));
    CTXFIT_RETURN_IF_ERROR(EvaluateInto(population_.members, stop, population_.costs));
    Summarise();
    return absl::OkStatus();
  }

  absl::StatusOr<PopulationSummary> Advance(int generations, const StopSignal& stop) {
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    for (int i = 0; i < generations; ++i) {
      Propose();
      CTXFIT_RETURN_IF_ERROR(EvaluateInto(trials_, stop, trial_costs_));
      Select();
      ++summary_.generation;
      Summarise();
    }
    return summary_;
  }

  const Population& population() const { return population_; }

 private:
  void Propose() {
    const std::vector<BasicPoint<float>>& members = population_.members;
    trials_.resize(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      trials_[i] = ctxfit::Propose(members.data(), static_cast<std::uint32_t>(members.size()), summary_.best, settings_,
                                   summary_.generation + 1, static_cast<std::uint32_t>(i));
    }
  }

  // Evaluates the costs of `members`. Replaces non-finite ones by +infinity and counts them.
  absl::Status EvaluateInto(const std::vector<BasicPoint<float>>& members, const StopSignal& stop,
                            std::vector<double>& costs) {
    CTXFIT_RETURN_IF_ERROR(objective_.Evaluate(members, stop, costs));
    for (double& cost : costs) {
      if (std::isfinite(cost)) continue;
      cost = std::numeric_limits<double>::infinity();
      ++summary_.non_finite_count;
    }
    summary_.evaluation_count += static_cast<std::int64_t>(members.size());
    return absl::OkStatus();
  }

  // Replaces every member whose trial is no worse. Equal costs replace too, so that the population can drift on a
  // flat stretch.
  void Select() {
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      if (!(trial_costs_[i] <= population_.costs[i])) continue;
      population_.members[i] = trials_[i];
      population_.costs[i] = trial_costs_[i];
    }
  }

  void Summarise() {
    double sum = 0;
    std::size_t finite_count = 0;
    summary_.best = 0;
    for (std::size_t i = 0; i < population_.costs.size(); ++i) {
      const double cost = population_.costs[i];
      if (cost < population_.costs[summary_.best]) summary_.best = static_cast<std::uint32_t>(i);
      if (!std::isfinite(cost)) continue;
      sum += cost;
      ++finite_count;
    }
    summary_.best_cost = population_.costs[summary_.best];
    summary_.mean_cost = finite_count > 0 ? sum / static_cast<double>(finite_count) : summary_.best_cost;
  }

  CpuObjective objective_;
  const ProposalSettings settings_;
  Population population_;
  PopulationSummary summary_;
  std::vector<BasicPoint<float>> trials_;
  std::vector<double> trial_costs_;
};

// Evolves one problem after the other.
class CpuPopulationSearch : public PopulationSearch {
 public:
  explicit CpuPopulationSearch(std::vector<std::unique_ptr<CpuEvolution>> evolutions)
      : evolutions_(std::move(evolutions)) {}

  int problem_count() const override { return static_cast<int>(evolutions_.size()); }

  absl::StatusOr<std::vector<PopulationSummary>> Advance(absl::Span<const int> running, int generations,
                                                         const StopSignal& stop) override {
    std::vector<PopulationSummary> summaries;
    for (const int problem : running) {
      CTXFIT_ASSIGN_OR_RETURN(const PopulationSummary summary, evolutions_[problem]->Advance(generations, stop));
      summaries.push_back(summary);
    }
    return summaries;
  }

  absl::StatusOr<Population> Read(int problem) override { return evolutions_[problem]->population(); }

 private:
  const std::vector<std::unique_ptr<CpuEvolution>> evolutions_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PopulationSearch>> StartCpuSearch(const HostCompute& host,
                                                                 absl::Span<const SearchProblem> problems,
                                                                 const StopSignal& stop) {
  std::vector<std::unique_ptr<CpuEvolution>> evolutions;
  for (const SearchProblem& problem : problems) {
    evolutions.push_back(std::make_unique<CpuEvolution>(host, problem));
    CTXFIT_RETURN_IF_ERROR(evolutions.back()->Start(problem.cells, stop));
  }
  return std::make_unique<CpuPopulationSearch>(std::move(evolutions));
}

}  // namespace ctxfit
