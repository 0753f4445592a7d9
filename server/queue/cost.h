#ifndef CTXFIT_SERVER_QUEUE_COST_H_
#define CTXFIT_SERVER_QUEUE_COST_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"

namespace ctxfit {

struct FitOptions;
struct ObservationTable;

// Estimate of what a call takes, from its sizes alone. decisions/admission.md tells how it was calibrated and how far
// it may be off; tests/server/cost_test.cc checks both.
struct Cost {
  double cpu_seconds = 0;         // processor time, over all threads
  std::int64_t memory_bytes = 0;  // a bound on what is allocated at a time while it runs
};

// The sizes of a call that fits.
struct FitShape {
  std::int64_t rows = 0;
  std::int64_t tasks = 1;
  std::int64_t clusters = 0;     // distinct labels; 0 where rows are resampled
  int folds = 1;                 // parts of each task, each of which is fitted as a task of its own, to the other rows
  double fitted_share = 1;       // of the rows that a fold is fitted to
  int point_fits = 1;            // fits of every row, without replicates
  int bootstraps = 1;            // sets of replicates of every row
  std::int64_t predictions = 0;  // points at which each replicate is evaluated as well
  int threads = 1;               // that share the work
};

Cost CostOfFit(const FitShape& shape, const FitOptions& options);

// How often a call fits its rows, and by which options of its own.
struct FitCount {
  int folds = 1;  // as in FitShape, like those that follow
  double fitted_share = 1;
  int point_fits = 1;
  int bootstraps = 1;
  std::int64_t predictions = 0;
  std::optional<int> replicates;  // unset: those of the options
  bool profiles = true;           // where the options ask for them
};

// The cost of a call that fits the rows of `table` on `threads` threads.
Cost CostOfCall(const ObservationTable& table, const FitCount& count, FitOptions options, int threads);

// Predictions of `points` points by `laws` laws, the fit and its replicates. `new_mean` and `simultaneous`: with these
// bands as well.
Cost CostOfPredict(std::int64_t points, std::int64_t laws, bool new_mean, bool simultaneous);

Cost CostOfSolve(std::int64_t queries, std::int64_t laws);

// An evaluation of `rows` rows by fits of `laws` laws each.
Cost CostOfEvaluate(std::int64_t rows, std::int64_t laws);

// RESOURCE_EXHAUSTED, with both figures, where the estimate exceeds what a call may take.
absl::Status CheckCpuSeconds(const Cost& cost, double max_cpu_seconds);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_COST_H_
