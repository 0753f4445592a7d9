#include "kernels/fit/concurrent_tasks.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <numeric>

#include "kernels/base/thread_pool.h"

namespace ctxfit {
namespace {

// The number of concurrent calls: with the largest on one share of the threads, the others must keep the rest busy.
int ConcurrentCount(const std::vector<std::size_t>& rows) {
  const std::size_t largest = *std::max_element(rows.begin(), rows.end());
  const std::size_t total = std::accumulate(rows.begin(), rows.end(), std::size_t{0});
  constexpr std::size_t kMaxCount = std::numeric_limits<int>::max();
  return static_cast<int>(std::min({rows.size(), total / std::max<std::size_t>(largest, 1), kMaxCount}));
}

// The indices by descending number of rows, so that no long call starts last.
std::vector<std::size_t> LargestFirst(const std::vector<std::size_t>& rows) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&rows](std::size_t a, std::size_t b) { return rows[a] > rows[b]; });
  return order;
}

// Keeps the error of the lowest index. Thread-safe.
class FirstError {
 public:
  explicit FirstError(std::size_t count) : errors_(count), first_(count) {}

  // True if an index below `index` has an error.
  bool IsBefore(std::size_t index) const { return first_.load(std::memory_order_relaxed) < index; }

  void Add(std::size_t index, absl::Status status) {
    if (status.ok()) return;
    errors_[index] = std::move(status);
    std::size_t first = first_.load(std::memory_order_relaxed);
    while (index < first && !first_.compare_exchange_weak(first, index, std::memory_order_relaxed)) continue;
  }

  absl::Status Get() const { return first_ < errors_.size() ? errors_[first_] : absl::OkStatus(); }

 private:
  std::vector<absl::Status> errors_;
  std::atomic<std::size_t> first_;
};

}  // namespace

absl::Status RunConcurrently(Backend& backend, const std::vector<std::size_t>& rows, const StopSignal& stop,
                             const std::function<absl::Status(Backend&, std::size_t)>& work) {
  FirstError error(rows.size());
  if (rows.empty()) return stop.Check();
  const int concurrent_count = ConcurrentCount(rows);
  if (concurrent_count == 1 || backend.Threads().size() == 1) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CTXFIT_RETURN_IF_ERROR(work(backend, i));
    }
    return absl::OkStatus();
  }
  CTXFIT_ASSIGN_OR_RETURN(const std::vector<std::unique_ptr<Backend>> shares, backend.Share(concurrent_count));
  const std::vector<std::size_t> order = LargestFirst(rows);
  ThreadPool pool(static_cast<int>(shares.size()));
  const absl::Status stopped = pool.ParallelFor(rows.size(), stop, [&](std::size_t place, int thread) {
    const std::size_t index = order[place];
    if (!error.IsBefore(index)) error.Add(index, work(*shares[thread], index));
  });
  const absl::Status first = error.Get();
  return first.ok() ? stopped : first;
}

}  // namespace ctxfit
