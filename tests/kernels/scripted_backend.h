#ifndef CTXFIT_TESTS_KERNELS_SCRIPTED_BACKEND_H_
#define CTXFIT_TESTS_KERNELS_SCRIPTED_BACKEND_H_

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {

// A backend whose search reports the population summaries of a script, one per generation; the last one repeats.
class ScriptedBackend : public Backend {
 public:
  explicit ScriptedBackend(std::vector<PopulationSummary> script) : script_(std::move(script)) {}

  std::string Name() const override { return "scripted"; }
  std::string Device() const override { return "a script"; }
  int DefaultCandidates() const override { return 16; }
  SearchOver DefaultSearchOver() const override { return SearchOver::kBins; }
  int GenerationsPerReading() const override { return 1; }
  bool EvolvesTasksTogether() const override { return false; }
  HostCompute Host() override { return {BestVectorKernels(), pool_}; }
  absl::StatusOr<std::vector<std::unique_ptr<Backend>>> Share(int) override {
    return absl::UnimplementedError("one caller reads the script");
  }

  RowSorter Sorter(const StopSignal&) override { return SortCanonically; }
  absl::StatusOr<FitCells> Collapse(const Observations& observations, const References& references,
                                    const Penalty& penalty, const LawForm& form, const StopSignal&) override {
    return CollapseBoth(observations, references, penalty, form, pool_);
  }

  absl::StatusOr<std::unique_ptr<PopulationSearch>> StartSearch(absl::Span<const SearchProblem> problems,
                                                                const StopSignal&) override {
    const absl::Span<const BasicPoint<float>> initial = problems.front().initial;
    return std::unique_ptr<PopulationSearch>(new Run(script_, {initial.begin(), initial.end()}));
  }

  absl::StatusOr<ReplicateFits> RefitReplicates(const Cells&, const Domain&, const ReplicateRequest&,
                                                const StopSignal&) override {
    return absl::UnimplementedError("the script has no replicates");
  }

 private:
  class Run : public PopulationSearch {
   public:
    Run(std::vector<PopulationSummary> script, std::vector<BasicPoint<float>> members)
        : script_(std::move(script)), members_(std::move(members)) {}

    int problem_count() const override { return 1; }

    absl::StatusOr<std::vector<PopulationSummary>> Advance(absl::Span<const int>, int generations,
                                                           const StopSignal& stop) override {
      CTXFIT_RETURN_IF_ERROR(stop.Check());
      generation_ += generations;
      PopulationSummary summary = script_[std::min(static_cast<std::size_t>(generation_), script_.size() - 1)];
      summary.generation = generation_;
      return std::vector{summary};
    }

    absl::StatusOr<Population> Read(int) override {
      return Population{members_, std::vector<double>(members_.size(), 1.0)};
    }

   private:
    const std::vector<PopulationSummary> script_;
    const std::vector<BasicPoint<float>> members_;
    int generation_ = 0;
  };

  const std::vector<PopulationSummary> script_;
  ThreadPool pool_{1};
};

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_SCRIPTED_BACKEND_H_
