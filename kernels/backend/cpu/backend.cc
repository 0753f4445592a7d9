#include "kernels/backend/backend.h"

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "kernels/backend/cpu/population_search.h"
#include "kernels/backend/cpu/replicates.h"
#include "kernels/base/available_cpus.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/canonical_order.h"
#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {
namespace {

class CpuBackend : public Backend {
 public:
  explicit CpuBackend(int threads) : kernels_(BestVectorKernels()), pool_(threads > 0 ? threads : AvailableCpus()) {}

  std::string Name() const override { return "cpu"; }

  std::string Device() const override {
    return absl::StrCat(pool_.size(), pool_.size() == 1 ? " thread, " : " threads, ", kernels_.name);
  }

  int DefaultCandidates() const override { return 128; }
  SearchOver DefaultSearchOver() const override { return SearchOver::kBins; }
  int GenerationsPerReading() const override { return 1; }
  bool EvolvesTasksTogether() const override { return false; }
  HostCompute Host() override { return {kernels_, pool_}; }

  absl::StatusOr<std::vector<std::unique_ptr<Backend>>> Share(int max_count) override {
    std::vector<std::unique_ptr<Backend>> backends;
    for (const int threads : ShareThreads(pool_.size(), max_count)) backends.push_back(MakeCpuBackend(threads));
    return backends;
  }

  RowSorter Sorter(const StopSignal&) override { return SortCanonically; }

  absl::StatusOr<FitCells> Collapse(const Observations& observations, const References& references,
                                    const Penalty& penalty, const LawForm& form, const StopSignal&) override {
    return CatchExceptions(
        [&]() -> absl::StatusOr<FitCells> { return CollapseBoth(observations, references, penalty, form, pool_); });
  }

  absl::StatusOr<std::unique_ptr<PopulationSearch>> StartSearch(absl::Span<const SearchProblem> problems,
                                                                const StopSignal& stop) override {
    return CatchExceptions([&] { return StartCpuSearch(Host(), problems, stop); });
  }

  absl::StatusOr<ReplicateFits> RefitReplicates(const Cells& cells, const Domain& domain,
                                                const ReplicateRequest& request, const StopSignal& stop) override {
    return CatchExceptions([&] { return RefitCpuReplicates(Host(), cells, domain, request, stop); });
  }

 private:
  const VectorKernels& kernels_;
  ThreadPool pool_;
};

}  // namespace

std::unique_ptr<Backend> MakeCpuBackend(int threads) { return std::make_unique<CpuBackend>(threads); }

}  // namespace ctxfit
