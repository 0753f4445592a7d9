#include "kernels/fit/fit_progress.h"

#include <algorithm>
#include <utility>

namespace ctxfit {
namespace {

// The share of a task's work that is done when `phase` begins, as measured with 65,500 records.
double PhaseBegin(FitPhase phase) {
  switch (phase) {
    case FitPhase::kCollapse:
      return 0;
    case FitPhase::kSearch:
      return 0.1;
    case FitPhase::kRefine:
      return 0.4;
    case FitPhase::kResample:
      return 0.6;
  }
  return 0;
}

}  // namespace

void ProgressSum::Add(double rows) {
  const std::lock_guard lock(mutex_);
  done_rows_ += rows;
}

void ProgressSum::Report(double rows, FitPhase phase, const std::string& task, int generation,
                         std::optional<double> best_cost) {
  const std::lock_guard lock(mutex_);
  done_rows_ += rows;
  observer_({phase, task, generation, best_cost, std::min(1.0, done_rows_ / total_rows_)});
}

void TaskProgress::BeginPhase(FitPhase phase) { Report(phase, PhaseBegin(phase)); }

void TaskProgress::ReportGeneration(int generation, double best_cost, int max_generations) {
  generation_ = generation;
  best_cost_ = best_cost;
  const double begin = PhaseBegin(FitPhase::kSearch);
  const double width = PhaseBegin(FitPhase::kRefine) - begin;
  Report(FitPhase::kSearch, begin + width * generation / max_generations);
}

void TaskProgress::End() { sum_.Add(Reach(1)); }

double TaskProgress::Reach(double share) {
  const double before = std::exchange(share_, std::max(share, share_));
  return (share_ - before) * static_cast<double>(task_.size());
}

void TaskProgress::Report(FitPhase phase, double share) {
  sum_.Report(Reach(share), phase, task_.task, generation_, best_cost_);
}

}  // namespace ctxfit
