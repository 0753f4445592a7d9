#include "kernels/fit/concurrent_tasks.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <numeric>

#include "kernels/base/thread_pool.h"

namespace ctxfit {
namespace {

// How many to work on at a time: with the largest on one share of the threads, the others must keep the rest busy.
int CountAtATime(const std::vector<std::size_t>& rows) {
  const std::size_t largest = *std::max_element(rows.begin(), rows.end());
  const std::size_t total = std::accumulate(rows.begin(), rows.end(), std::size_t{0});
  constexpr std::size_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::min({rows.size(), total / std::max<std::size_t>(largest, 1), kMost}));
}

// The indices, the largest first, so that none of those is left for the end.
std::vector<std::size_t> LargestFirst(const std::vector<std::size_t>& rows) {
  std::vector<std::size_t> order(rows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&rows](std::size_t a, std::size_t b) { return rows[a] > rows[b]; });
  return order;
}

// The error of the lowest index that had one.
class FirstError {
 public:
  explicit FirstError(std::size_t count) : errors_(count), first_(count) {}

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
  const int at_a_time = CountAtATime(rows);
  if (at_a_time == 1 || backend.Threads().size() == 1) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (absl::Status status = work(backend, i); !status.ok()) return status;
    }
    return absl::OkStatus();
  }
  const absl::StatusOr<std::vector<std::unique_ptr<Backend>>> shares = backend.Share(at_a_time);
  if (!shares.ok()) return shares.status();
  const std::vector<std::size_t> order = LargestFirst(rows);
  ThreadPool pool(static_cast<int>(shares->size()));
  const absl::Status stopped = pool.ParallelFor(rows.size(), stop, [&](std::size_t place, int thread) {
    const std::size_t index = order[place];
    if (!error.IsBefore(index)) error.Add(index, work(*(*shares)[thread], index));
  });
  const absl::Status first = error.Get();
  return first.ok() ? stopped : first;
}

}  // namespace ctxfit
