#ifndef CTXFIT_KERNELS_FIT_COMPARISON_H_
#define CTXFIT_KERNELS_FIT_COMPARISON_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/fit/options.h"
#include "kernels/fit/task_fit.h"
#include "kernels/law/range.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/numerics/significance.h"

namespace ctxfit {

// A number in two groups; `difference` is second - first.
struct Difference {
  double first;
  double second;
  double difference;
  std::optional<double> standard_error;
  std::optional<Range> interval;
};

// A parameter that is fitted in both groups, at the reference scales of both together.
struct ParameterDifference {
  std::string name;  // name in ctxfit.v1.Parameters
  Difference values;
  std::string reason;  // why there is no interval; "" where there is one
};

// An expected score by the laws of both groups.
struct PredictionDifference {
  Difference values;  // without a standard error
  bool determined;    // true if the observations of each group determine it
  bool extrapolated;  // true if it lies outside the observed ranges of at least one group
};

// A test of one law for both groups against one law each, or the reason why there is none.
struct LawTest {
  std::optional<FTest> test;
  std::string reason;  // "" where there is a test
};

// Two groups of one task; see ctxfit.v1.Comparison.
struct Comparison {
  // Fits without replicates, each at its own reference scales.
  std::array<TaskFit, 2> groups;
  TaskFit pooled;
  std::int64_t shared_unit_count = 0;  // clusters that occur in both groups
  std::vector<ParameterDifference> parameters;
  std::vector<PredictionDifference> predictions;
  LawTest wald;
  LawTest f;
};

// Options of a comparison.
struct ComparisonOptions {
  FitOptions fit;
  PredictionPoints points;  // where to predict; may be empty
};

// Compares the groups 0 and 1 of each task.
//
// Replicate b of one group is paired with replicate b of the other, and a cluster has the same weight in both. So the
// paired differences spread as the estimated difference does, whether the groups share all clusters, some, or none.
//
// Errors: INVALID_ARGUMENT for a task with rows of one group only, and those of FitTasks().
absl::StatusOr<std::vector<Comparison>> CompareGroups(Backend& backend, const std::vector<Observations>& tasks,
                                                      const ComparisonOptions& options, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_COMPARISON_H_
