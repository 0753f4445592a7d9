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
#include "kernels/fit/fit.h"
#include "kernels/law/options.h"
#include "kernels/law/range.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/significance.h"

namespace ctxfit {

// One number in two groups; `difference` is the second's less the first's.
struct Difference {
  double first;
  double second;
  double difference;
  std::optional<double> standard_error;
  std::optional<Range> interval;
};

// A parameter that is fitted in both groups, at the reference scales of both together.
struct ParameterDifference {
  std::string name;  // as in ctxfit.v1.Parameters
  Difference values;
  std::string reason;  // why there is no interval; "" where there is one
};

// An expected score in both groups.
struct PredictionDifference {
  Difference values;  // without a standard error
  bool determined;    // by the observations of either group
  bool extrapolated;  // outside what was observed in one of them
};

// A test of one law for both groups against one law each, or why there is none.
struct LawTest {
  std::optional<FTest> test;
  std::string reason;
};

// Two groups of one task; see ctxfit.v1.Comparison.
struct Comparison {
  // Without replicates, each at its own reference scales.
  std::array<TaskFit, 2> groups;
  TaskFit pooled;
  std::int64_t shared_unit_count = 0;  // clusters that occur in both groups
  std::vector<ParameterDifference> parameters;
  std::vector<PredictionDifference> predictions;
  LawTest wald;
  LawTest f;
};

// A comparison that is asked for.
struct ComparisonOptions {
  FitOptions fit;
  PredictionPoints points;  // where to predict; may be none
};

// Compares the groups 0 and 1 of each task.
//
// Replicate b of one group is paired with replicate b of the other, and a cluster has one weight in both. So the spread
// of a difference is that of the difference, whether the groups share clusters, some of them, or none.
//
// Errors: INVALID_ARGUMENT for a task that has but one of the groups, and those of FitTasks().
absl::StatusOr<std::vector<Comparison>> CompareGroups(Backend& backend, const std::vector<Observations>& tasks,
                                                      const ComparisonOptions& options, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_COMPARISON_H_
