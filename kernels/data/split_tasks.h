#ifndef CTXFIT_KERNELS_DATA_SPLIT_TASKS_H_
#define CTXFIT_KERNELS_DATA_SPLIT_TASKS_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/data/canonical_order.h"
#include "kernels/data/observations.h"
#include "kernels/data/valid_table.h"
#include "kernels/law/resampling.h"

namespace ctxfit {

struct LawOptions;

// Rows of a table by task, tasks ordered by name: every row, or only those that are held out.
std::map<std::string, std::vector<std::size_t>> RowsByTask(const ValidTable& table);
std::map<std::string, std::vector<std::size_t>> HeldOutRowsByTask(const ValidTable& table);

// Splits `table` into one Observations per distinct task, ordered by name, without the rows that are held out or take
// no part in a comparison. `sort` brings the rows of each into canonical order. INVALID_ARGUMENT if clusters are to be
// resampled and the table has none, or if one that is to be resampled within its model level lies in several;
// RESOURCE_EXHAUSTED if the memory of the host does not suffice; the errors of `sort`.
absl::StatusOr<std::vector<Observations>> SplitTasks(const ValidTable& table, Resampling resampling = Resampling::kAuto,
                                                     const RowSorter& sort = SortCanonically);

// Checks that `table` has the prompts and limits that the law of `options` uses, and that every floor and ceiling of a
// single task is that of a task of the table. INVALID_ARGUMENT names the column, or field and task with the first tasks
// that there are.
absl::Status CheckTaskOptions(const LawOptions& options, const ObservationTable& table);

// Validates a table of which only the tasks are needed, splits it and frees it. Errors are those of Validate() and of
// SplitTasks().
absl::StatusOr<std::vector<Observations>> ValidateAndSplit(ObservationTable table,
                                                           Resampling resampling = Resampling::kAuto,
                                                           const RowSorter& sort = SortCanonically);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_SPLIT_TASKS_H_
