#ifndef CTXFIT_KERNELS_DATA_SPLIT_TASKS_H_
#define CTXFIT_KERNELS_DATA_SPLIT_TASKS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/data/observations.h"
#include "kernels/law/resampling.h"

namespace ctxfit {

// Checks every rule of ObservationTable. INVALID_ARGUMENT names column, row, value and rule:
// `observations.score[17] = 1.2: must be in [0, 1]`. Of each task at least one row must not be held out.
absl::Status Validate(const ObservationTable& table);

// Rows of `table` by task, ordered by name: all, or only those that are held out.
std::map<std::string, std::vector<std::size_t>> RowsByTask(const ObservationTable& table);
std::map<std::string, std::vector<std::size_t>> HeldOutRowsByTask(const ObservationTable& table);

// Validates `table` and splits it into one Observations per distinct task, ordered by name, without the rows that are
// held out or take no part in a comparison. INVALID_ARGUMENT where clusters are to be resampled and there are none, or
// one to be resampled within its model level lies in several; RESOURCE_EXHAUSTED where the memory of the host does not
// suffice.
absl::StatusOr<std::vector<Observations>> SplitTasks(const ObservationTable& table,
                                                     Resampling resampling = Resampling::kAuto);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_SPLIT_TASKS_H_
