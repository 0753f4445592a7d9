#include "kernels/backend/backend.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/types/span.h"
#include "kernels/backend/cuda/collapse.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/refit.h"
#include "kernels/backend/cuda/row_order.h"
#include "kernels/backend/cuda/search.h"
#include "kernels/backend/cuda/status.h"
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

// Limit on concurrent streams. Their launches keep a device busy while the host prepares others, but their memory adds
// up.
constexpr int kMaxStreams = 16;

class CudaBackend : public Backend {
 public:
  CudaBackend(std::shared_ptr<CudaDevice> device, int threads, std::size_t min_rows)
      : device_(std::move(device)), kernels_(BestVectorKernels()), pool_(threads), min_rows_(min_rows) {}

  std::string Name() const override { return "cuda"; }
  std::string Device() const override { return device_->name(); }
  int DefaultCandidates() const override { return 4096; }
  SearchOver DefaultSearchOver() const override { return SearchOver::kObservations; }
  int GenerationsPerReading() const override { return 4; }
  bool EvolvesTasksTogether() const override { return true; }
  HostCompute Host() override { return {kernels_, pool_}; }

  // Shares the device: each backend has a stream of its own, and their launches overlap where one does not fill it.
  absl::StatusOr<std::vector<std::unique_ptr<Backend>>> Share(int max_count) override {
    std::vector<std::unique_ptr<Backend>> backends;
    for (const int threads : ShareThreads(pool_.size(), std::min(max_count, kMaxStreams))) {
      CTXFIT_ASSIGN_OR_RETURN(std::shared_ptr<CudaDevice> device, CudaDevice::Open(device_->ordinal()));
      backends.push_back(std::make_unique<CudaBackend>(std::move(device), threads, min_rows_));
    }
    return backends;
  }

  RowSorter Sorter(const StopSignal& stop) override {
    return [this, &stop](const ObservationTable& table, const std::vector<std::size_t>& rows, ThreadPool& pool) {
      return CatchExceptions([&] { return SortRows(table, rows, pool, stop); });
    };
  }

  absl::StatusOr<FitCells> Collapse(const Observations& observations, const References& references,
                                    const Penalty& penalty, const LawForm& form, const StopSignal& stop) override {
    return CatchExceptions([&]() -> absl::StatusOr<FitCells> {
      if (AreForDevice(observations.size()) && IsForDevice(observations, form)) {
        absl::StatusOr<FitCells> cells = CollapseOnDevice(device_, observations, references, penalty, form, stop);
        if (!absl::IsResourceExhausted(cells.status())) return cells;
      }
      return CollapseBoth(observations, references, penalty, form, pool_);
    });
  }

  absl::StatusOr<std::unique_ptr<PopulationSearch>> StartSearch(absl::Span<const SearchProblem> problems,
                                                                const StopSignal& stop) override {
    return CatchExceptions([&]() -> absl::StatusOr<std::unique_ptr<PopulationSearch>> {
      return CudaSearch::Start(device_, problems, stop);
    });
  }

  absl::StatusOr<ReplicateFits> RefitReplicates(const Cells& cells, const Domain& domain,
                                                const ReplicateRequest& request, const StopSignal& stop) override {
    return CatchExceptions([&] { return RefitOnDevice(device_, {cells, domain, request}, Host(), stop); });
  }

  absl::StatusOr<std::vector<std::optional<ReplicateFits>>> RefitTogether(absl::Span<const ReplicateTask> tasks,
                                                                          const StopSignal& stop) override {
    return CatchExceptions([&] { return RefitTogetherOnDevice(device_, tasks, Host(), stop); });
  }

 private:
  absl::StatusOr<CanonicalOrder> SortRows(const ObservationTable& table, const std::vector<std::size_t>& rows,
                                          ThreadPool& pool, const StopSignal& stop) {
    if (AreForDevice(rows.size())) {
      const std::lock_guard lock(sorting_);
      absl::StatusOr<CanonicalOrder> order = SortOnDevice(device_, table, rows, stop);
      if (!absl::IsResourceExhausted(order.status())) return order;
    }
    return SortCanonically(table, rows, pool);
  }

  bool AreForDevice(std::size_t rows) const {
    return rows >= min_rows_ && rows <= std::numeric_limits<std::int32_t>::max();
  }

  const std::shared_ptr<CudaDevice> device_;
  const VectorKernels& kernels_;
  ThreadPool pool_;
  const std::size_t min_rows_;
  std::mutex sorting_;  // of the callers of Sorter(), which are concurrent
};

}  // namespace

int CudaDeviceCount() {
  int count = 0;
  // On a machine without a device or a driver the call fails, which means 0 devices.
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

absl::StatusOr<std::unique_ptr<Backend>> MakeCudaBackend(int device, std::size_t min_rows) {
  CTXFIT_ASSIGN_OR_RETURN(std::shared_ptr<CudaDevice> opened, CudaDevice::Open(device));
  return std::make_unique<CudaBackend>(std::move(opened), AvailableCpus(), min_rows);
}

}  // namespace ctxfit
