#ifndef CTXFIT_KERNELS_LAW_OPTIONS_H_
#define CTXFIT_KERNELS_LAW_OPTIONS_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/law/range.h"
#include "kernels/law/resampling.h"

namespace ctxfit {

// How one parameter is treated, in its natural unit (A itself, not ln A; the ceiling, not the headroom).
struct ParameterOptions {
  // Where the search looks. lower < upper; > 0 for A, B and the penalty's width and onset, >= 0 for alpha and beta, in
  // [0, 1] for floor and ceiling.
  Range bounds;
  // Set: held at this value, which keeps to the same rules, instead of being fitted.
  std::optional<double> fixed;
};

// The differential evolution: best/1/bin (Storn and Price 1997) with the mutation factor drawn anew per generation.
struct SearchOptions {
  // Population; in [8, 65536]. Unset: the backend's default, 4096 on a GPU and 128 on a CPU.
  std::optional<int> candidates;
  // Limit on generations after the initial one; in [1, 10000].
  int max_generations = 100;
  // Converged where (mean cost - best cost) / sigma^2 is below this, in deviance units; > 0.
  double tolerance_deviance = 0.1;
  // Stagnated where the best cost fell by less than the tolerance over this many generations; >= 1.
  int stagnation_generations = 25;
  // Share of coordinates taken from the mutant; in [0, 1].
  double crossover = 0.8;
  // Range of the mutation factor F; within (0, 2].
  Range mutation = {0.5, 1.0};
  // Distinct best candidates at the end of the search from which descents go down; >= 2.
  int refined_candidates = 8;
};

// The resampling.
struct BootstrapOptions {
  int replicates = 1000;     // 0, or in [20, 100000]
  double confidence = 0.95;  // (0, 1)
  Resampling resampling = Resampling::kAuto;
  WeightKind weights = WeightKind::kExponential;
  // Of the replicates, the first so many are searched for anew, not only refined from the point estimate; in
  // [0, replicates].
  int global_replicates = 0;
  IntervalKind interval = IntervalKind::kPercentile;
};

// How to fit one law.
struct FitOptions {
  // What is minimised.
  LossRule loss;
  Penalty penalty;
  // Whether its width and onset are fitted: between their bounds, in the unit of `penalty`, whose values then are
  // scales.
  bool fit_penalty_width = false;
  bool fit_penalty_onset = false;
  // Off: g = 1, the law of compute and penalty alone. B and beta are then neither fitted nor used.
  bool context_factor = true;
  // By Coordinate. Those of the penalty have no `fixed`: they are held at `penalty` unless fitted. Floor and ceiling
  // are held at 0 and 1 unless asked otherwise.
  std::array<ParameterOptions, kCoordinateCount> parameters = {{
      {{1e-6, 100}, {}},
      {{0, 10}, {}},
      {{1e-6, 100}, {}},
      {{0, 10}, {}},
      {{1e-3, 10}, {}},
      {{0.25, 16}, {}},
      {{0, 0.5}, 0},
      {{0.5, 1}, 1},
  }};
  // Values at which floor and ceiling are held in single tasks instead, by the task's name.
  std::map<std::string, double> floor_by_task;
  std::map<std::string, double> ceiling_by_task;
  std::optional<double> compute_reference_flops;  // C^c, > 0; unset: weighted geometric mean of the data
  std::optional<double> prompt_reference_tokens;  // n^c, > 0; unset: weighted geometric mean of the data
  std::uint64_t seed = 0;
  SearchOptions search;
  BootstrapOptions bootstrap;
  // Whether estimates have profile intervals, too: some 80 more refinements.
  bool profile = false;
};

// The options for that task.
FitOptions OptionsForTask(const FitOptions& options, const std::string& task);

// The same for a point estimate alone: without replicates and profile intervals.
FitOptions WithoutIntervals(const FitOptions& options);

// INVALID_ARGUMENT naming field, value and rule, as `options.bootstrap.confidence = 1.5: must be in (0, 1)`.
absl::Status Validate(const FitOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_OPTIONS_H_
