#ifndef CTXFIT_KERNELS_FIT_CONCURRENT_TASKS_H_
#define CTXFIT_KERNELS_FIT_CONCURRENT_TASKS_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"

namespace ctxfit {

// Calls work(backend, index) for every index of `rows`, which holds the number of rows that each call works on. Calls
// run concurrently on shares of `backend` where no one of them dwarfs the others: a fit by itself leaves some threads
// idle. Returns the error of the lowest index, or that of `stop`; after an error, calls of higher indices are skipped.
absl::Status RunConcurrently(Backend& backend, const std::vector<std::size_t>& rows, const StopSignal& stop,
                             const std::function<absl::Status(Backend& backend, std::size_t index)>& work);

// Calls `work(backend, index)`, which returns a Status, for the index of every task, concurrently. Errors: those of
// RunConcurrently(), where an exception of a task is that task's error, and those of CatchExceptions().
template <class Work>
absl::Status ForEachTask(Backend& backend, absl::Span<const Observations> tasks, const StopSignal& stop,
                         const Work& work) {
  return CatchExceptions([&] {
    std::vector<std::size_t> rows;
    for (const Observations& task : tasks) rows.push_back(task.size());
    return RunConcurrently(backend, rows, stop, [&](Backend& share, std::size_t index) {
      return CatchExceptions([&] { return work(share, index); });
    });
  });
}

// Returns the results of `fit(backend, task)`, a StatusOr<Result>, for all tasks, which run concurrently. Errors: those
// of ForEachTask().
template <class Result, class Fit>
absl::StatusOr<std::vector<Result>> FitConcurrently(Backend& backend, absl::Span<const Observations> tasks,
                                                    const StopSignal& stop, const Fit& fit) {
  return CatchExceptions([&]() -> absl::StatusOr<std::vector<Result>> {
    std::vector<Result> results(tasks.size());
    CTXFIT_RETURN_IF_ERROR(ForEachTask(backend, tasks, stop, [&](Backend& share, std::size_t index) -> absl::Status {
      CTXFIT_ASSIGN_OR_RETURN(results[index], fit(share, tasks[index]));
      return absl::OkStatus();
    }));
    return results;
  });
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_CONCURRENT_TASKS_H_
