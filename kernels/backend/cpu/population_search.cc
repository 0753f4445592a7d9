#include "kernels/backend/cpu/population_search.h"

#include <cmath>
#include <limits>
#include <utility>

#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {
namespace {

class CpuPopulationSearch : public PopulationSearch {
 public:
  CpuPopulationSearch(const VectorKernels& kernels, ThreadPool& pool, const ProposalSettings& settings,
                      std::vector<BasicPoint<float>> initial)
      : objective_(kernels, pool), settings_(settings) {
    population_.members = std::move(initial);
  }

  // Loads the cells and evaluates the initial members.
  absl::Status Start(const Cells& cells, const StopSignal& stop) {
    if (const absl::Status status = objective_.Load(cells, stop); !status.ok()) return status;
    if (const absl::Status status = EvaluateInto(population_.members, stop, population_.costs); !status.ok()) {
      return status;
    }
    Summarise();
    return absl::OkStatus();
  }

  absl::StatusOr<PopulationSummary> Advance(int generations, const StopSignal& stop) override {
    if (const absl::Status status = stop.Check(); !status.ok()) return status;
    for (int i = 0; i < generations; ++i) {
      Propose();
      if (const absl::Status status = EvaluateInto(trials_, stop, trial_costs_); !status.ok()) return status;
      Select();
      ++summary_.generation;
      Summarise();
    }
    return summary_;
  }

  absl::StatusOr<Population> Read() override { return population_; }

 private:
  void Propose() {
    const std::vector<BasicPoint<float>>& members = population_.members;
    trials_.resize(members.size());
    for (std::size_t i = 0; i < members.size(); ++i) {
      trials_[i] = ctxfit::Propose(members.data(), static_cast<std::uint32_t>(members.size()), summary_.best, settings_,
                                   summary_.generation + 1, static_cast<std::uint32_t>(i));
    }
  }

  // The costs of `members`, a non-finite one as +infinity and counted.
  absl::Status EvaluateInto(const std::vector<BasicPoint<float>>& members, const StopSignal& stop,
                            std::vector<double>& costs) {
    if (const absl::Status status = objective_.Evaluate(members, stop, costs); !status.ok()) return status;
    for (double& cost : costs) {
      if (std::isfinite(cost)) continue;
      cost = std::numeric_limits<double>::infinity();
      ++summary_.non_finite_count;
    }
    summary_.evaluation_count += static_cast<std::int64_t>(members.size());
    return absl::OkStatus();
  }

  // A trial replaces its target where it is no worse: on a flat stretch the population can drift.
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

}  // namespace

absl::StatusOr<std::unique_ptr<PopulationSearch>> StartCpuSearch(const VectorKernels& kernels, ThreadPool& pool,
                                                                 const Cells& cells, const ProposalSettings& settings,
                                                                 std::vector<BasicPoint<float>> initial,
                                                                 const StopSignal& stop) {
  auto search = std::make_unique<CpuPopulationSearch>(kernels, pool, settings, std::move(initial));
  if (const absl::Status status = search->Start(cells, stop); !status.ok()) return status;
  return search;
}

}  // namespace ctxfit
