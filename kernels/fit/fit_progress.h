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

// The state of running fits.
struct FitProgress {
  FitPhase phase;
  const std::string& task;  // task of the latest step
  int generation;
  std::optional<double> best_cost;
  double fraction;  // estimated share of the work of all tasks; never falls
};

// Called between pieces of work, from one thread at a time.
using FitObserver = std::function<void(const FitProgress&)>;

// Adds up the work of several tasks and reports it to an observer. Work is counted in rows: a task's fit is as much
// work as it has rows. Thread-safe.
class ProgressSum {
 public:
  // `total_rows`: of all tasks. `observer` must outlive the sum.
  ProgressSum(std::size_t total_rows, const FitObserver& observer)
      : observer_(observer), total_rows_(static_cast<double>(total_rows)) {}

  // Adds finished work without a report.
  void Add(double rows);

  // Adds finished work of `task`, and reports the task's state.
  void Report(double rows, FitPhase phase, const std::string& task, int generation, std::optional<double> best_cost);

 private:
  const FitObserver& observer_;
  const double total_rows_;
  std::mutex mutex_;
  double done_rows_ = 0;  // guarded by mutex_
};

// Follows the fit of one task through its phases, and adds its work to a sum.
class TaskProgress {
 public:
  TaskProgress(const Observations& task, ProgressSum& sum) : task_(task), sum_(sum) {}

  // Reports that a phase begins.
  void BeginPhase(FitPhase phase);

  // Reports a generation of the search, which is counted as a share of `max_generations`.
  void ReportGeneration(int generation, double best_cost, int max_generations);

  // Adds the rest of the task's work, without a report.
  void End();

 private:
  // Row-equivalents of work done since the last call, given the share of the task's work that is done by now.
  double Reach(double share);

  void Report(FitPhase phase, double share);

  const Observations& task_;
  ProgressSum& sum_;
  double share_ = 0;
  int generation_ = 0;
  std::optional<double> best_cost_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_FIT_PROGRESS_H_
