#ifndef CTXFIT_KERNELS_FIT_GROUP_FIT_H_
#define CTXFIT_KERNELS_FIT_GROUP_FIT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/fit/task_fit.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {

struct FitOptions;

// The law of one of several groups of a task.
struct GroupFit {
  TaskFit fit;  // without replicates, at the group's own reference scales
  // Law and replicates at the scales common to all groups. Replicate b weighs a cluster as replicate b of every other
  // group does.
  PredictionSource common;
  std::vector<std::int32_t> units;  // units of the group, as numbered over all groups; ascending
  std::string no_interval_reason;   // why the replicates give no intervals; "" where they do
};

// The rows of `group`, ascending.
std::vector<std::size_t> RowsOfGroup(const Observations& observations, std::int32_t group);

// Fits a group of the task `all`, whose reference scales are `common`. Errors: INVALID_ARGUMENT if the group has no
// rows, and those of FitTask().
absl::StatusOr<GroupFit> FitGroup(Backend& backend, const Observations& all, std::int32_t group,
                                  const References& common, const FitOptions& options, const StopSignal& stop);

// The reason why the group does not determine a coordinate at the common scales; "" where it does.
std::string WhyUndetermined(const GroupFit& group, Coordinate coordinate);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_GROUP_FIT_H_
