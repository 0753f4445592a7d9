#ifndef CTXFIT_KERNELS_FIT_FIT_PROGRESS_H_
#define CTXFIT_KERNELS_FIT_FIT_PROGRESS_H_

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "kernels/data/observations.h"

namespace ctxfit {

// The steps of a fit, in their order.
enum class FitPhase { kCollapse, kSearch, kRefine, kResample };

// Where a running fit stands.
struct FitProgress {
  FitPhase phase;
  const std::string& task;  // the one that went on last
  int generation;
  std::optional<double> best_cost;
  double fraction;  // of all tasks' work, estimated; never falling
};

// Called between pieces of work, from one thread at a time.
using FitObserver = std::function<void(const FitProgress&)>;

// Tells an observer where the fits of several tasks stand, in shares of the rows of all. Thread-safe.
class ProgressSum {
 public:
  // Of tasks with so many rows in all.
  ProgressSum(std::size_t total, const FitObserver& observer)
      : observer_(observer), total_(static_cast<double>(total)) {}

  // So many rows' work more is done.
  void Add(double rows);

  // The same, by a task that stands there, which the observer is told.
  void Tell(double rows, FitPhase phase, const std::string& task, int generation, std::optional<double> best_cost);

 private:
  const FitObserver& observer_;
  const double total_;
  std::mutex mutex_;
  double done_ = 0;  // guarded by mutex_
};

// Where the fit of one task stands.
class TaskProgress {
 public:
  TaskProgress(const Observations& task, ProgressSum& sum) : task_(task), sum_(sum) {}

  void BeginPhase(FitPhase phase);
  void ReportGeneration(int generation, double best_cost, int max_generations);
  void End();

 private:
  // The rows' work that is done where the task reaches this share of its own, and was not before.
  double Reach(double share);

  void Tell(FitPhase phase, double share);

  const Observations& task_;
  ProgressSum& sum_;
  double share_ = 0;
  int generation_ = 0;
  std::optional<double> best_cost_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_FIT_PROGRESS_H_
