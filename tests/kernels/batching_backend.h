#ifndef CTXFIT_TESTS_KERNELS_BATCHING_BACKEND_H_
#define CTXFIT_TESTS_KERNELS_BATCHING_BACKEND_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"

namespace ctxfit {

// A CPU backend that has tasks evolve together, whose searches take so many problems at most, as if memory held no
// more, and that refits the replicates of some tasks together.
class BatchingBackend : public Backend {
 public:
  explicit BatchingBackend(std::size_t most_problems) : most_problems_(most_problems) {}

  std::string Name() const override { return cpu_->Name(); }
  std::string Device() const override { return cpu_->Device(); }
  int DefaultCandidates() const override { return cpu_->DefaultCandidates(); }
  SearchOver DefaultSearchOver() const override { return cpu_->DefaultSearchOver(); }
  int GenerationsPerReading() const override { return cpu_->GenerationsPerReading(); }
  bool EvolvesTasksTogether() const override { return true; }
  HostCompute Host() override { return cpu_->Host(); }
  absl::StatusOr<std::vector<std::unique_ptr<Backend>>> Share(int max_count) override { return cpu_->Share(max_count); }

  RowSorter Sorter(const StopSignal& stop) override { return cpu_->Sorter(stop); }
  absl::StatusOr<FitCells> Collapse(const Observations& observations, const References& references,
                                    const Penalty& penalty, const LawForm& form, const StopSignal& stop) override {
    return cpu_->Collapse(observations, references, penalty, form, stop);
  }

  absl::StatusOr<std::unique_ptr<PopulationSearch>> StartSearch(absl::Span<const SearchProblem> problems,
                                                                const StopSignal& stop) override {
    started_.push_back(std::min(problems.size(), most_problems_));
    return cpu_->StartSearch(problems.first(started_.back()), stop);
  }

  absl::StatusOr<ReplicateFits> RefitReplicates(const Cells& cells, const Domain& domain,
                                                const ReplicateRequest& request, const StopSignal& stop) override {
    return cpu_->RefitReplicates(cells, domain, request, stop);
  }

  // Refits every second task.
  absl::StatusOr<std::vector<std::optional<ReplicateFits>>> RefitTogether(absl::Span<const ReplicateTask> tasks,
                                                                          const StopSignal& stop) override {
    std::vector<std::optional<ReplicateFits>> fits(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); i += 2) {
      const auto& [cells, domain, request] = tasks[i];
      CTXFIT_ASSIGN_OR_RETURN(fits[i], cpu_->RefitReplicates(cells, domain, request, stop));
      ++refitted_;
    }
    return fits;
  }

  // The tasks whose replicates were refitted together so far.
  int refitted() const { return refitted_; }

  // The problems of each search so far.
  const std::vector<std::size_t>& started() const { return started_; }

 private:
  const std::size_t most_problems_;
  const std::unique_ptr<Backend> cpu_ = MakeCpuBackend(2);
  std::vector<std::size_t> started_;
  int refitted_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_BATCHING_BACKEND_H_
