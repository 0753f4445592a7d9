#ifndef CTXFIT_KERNELS_FIT_CONCURRENT_TASKS_H_
#define CTXFIT_KERNELS_FIT_CONCURRENT_TASKS_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/within_memory.h"
#include "kernels/data/observations.h"

namespace ctxfit {

// Calls work(backend, index) for every index of `rows`, the number of rows that each works on, several at a time where
// they are of a size to share the threads and the device of `backend`: a fit by itself leaves some of them idle. Of
// errors, that of the lowest index is returned, or that of `stop`; once there is one, work of higher index is left out.
absl::Status RunConcurrently(Backend& backend, const std::vector<std::size_t>& rows, const StopSignal& stop,
                             const std::function<absl::Status(Backend& backend, std::size_t index)>& work);

// What `fit(backend, task)`, which returns a StatusOr<Result>, makes of every task, side by side. RESOURCE_EXHAUSTED
// where the memory of the host does not suffice.
template <class Result, class Fit>
absl::StatusOr<std::vector<Result>> FitConcurrently(Backend& backend, absl::Span<const Observations> tasks,
                                                    const StopSignal& stop, const Fit& fit) {
  return WithinMemory([&]() -> absl::StatusOr<std::vector<Result>> {
    std::vector<std::size_t> rows;
    for (const Observations& task : tasks) rows.push_back(task.size());
    std::vector<Result> results(tasks.size());
    const auto fit_one = [&](Backend& share, std::size_t i) {
      absl::StatusOr<Result> result = fit(share, tasks[i]);
      if (!result.ok()) return result.status();
      results[i] = *std::move(result);
      return absl::OkStatus();
    };
    if (absl::Status status = RunConcurrently(backend, rows, stop, fit_one); !status.ok()) return status;
    return results;
  });
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_CONCURRENT_TASKS_H_
