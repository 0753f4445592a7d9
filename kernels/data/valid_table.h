#ifndef CTXFIT_KERNELS_DATA_VALID_TABLE_H_
#define CTXFIT_KERNELS_DATA_VALID_TABLE_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/data/observations.h"

namespace ctxfit {

// An ObservationTable that keeps every rule stated there, with prompts of 1 token and infinite limits where it had
// none. Only Validate() makes one, and nothing changes it afterwards, so a function that takes one need not check a row
// again. Empty once moved from.
class ValidTable {
 public:
  ValidTable(ValidTable&&) = default;
  ValidTable& operator=(ValidTable&&) = default;

  const ObservationTable& operator*() const { return table_; }
  const ObservationTable* operator->() const { return &table_; }

 private:
  friend absl::StatusOr<ValidTable> Validate(ObservationTable table);
  explicit ValidTable(ObservationTable table) : table_(std::move(table)) {}

  ObservationTable table_;
};

// Checks every rule of ObservationTable, on as many processors as its rows keep busy. INVALID_ARGUMENT names column,
// row, value and rule, as in `observations.score[17] = 1.2: must be in [0, 1]`; it also refuses a task all of whose
// rows are held out. RESOURCE_EXHAUSTED if the memory of the host does not suffice.
absl::StatusOr<ValidTable> Validate(ObservationTable table);

// Checks the lengths of the columns alone, which Validate() checks too: a matter of microseconds, whatever their number
// of rows. INVALID_ARGUMENT names column, length and rule.
absl::Status ValidateLengths(const ObservationTable& table);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_VALID_TABLE_H_
