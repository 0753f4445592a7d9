#ifndef CTXFIT_CLIENT_INPUT_MISSING_VALUES_H_
#define CTXFIT_CLIENT_INPUT_MISSING_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/input/observation_columns.h"
#include "ctxfit/v1/observations.pb.h"

// Fields of optional columns that have no value.

namespace ctxfit {

// Columns that a file may lack: the optional numeric ones, then those of text.
inline constexpr std::size_t kOptionalNumberCount = std::size(kNumberColumns) - kRequiredColumnCount;
inline constexpr std::size_t kOptionalCount = kOptionalNumberCount + std::size(kTextColumns);

// True if `field` stands for no value: white space, or a spelling by which pandas, R, Python, SQL or a spreadsheet
// writes one (NA, nan, NaN, <NA>, NULL, None, null, N/A, n/a, #N/A).
bool IsMissing(absl::string_view field);

// Fields of one optional column in the rows that were taken from one file.
struct FieldTally {
  bool in_file = false;            // the file has the column
  std::int64_t missing = 0;        // rows without a value
  std::int64_t first_missing = 0;  // line of the first of them, counted from 1; 0 if there is none
};

// The optional columns of one file.
struct FileTally {
  std::string file;
  std::int64_t rows = 0;  // taken
  FieldTally columns[kOptionalCount] = {};
};

// Decides on the missing fields of all files. A column without any value is cleared, as if no file had it. A task or a
// model that is missing is an empty name; a file that lacks a column which another file has gets the default; `notes`
// takes a line for each. INVALID_ARGUMENT, with file, line, column and number of rows, if a weight or a variance is
// missing in some rows of a file and not in others, or a cluster in some rows of all.
absl::Status ResolveMissing(const std::vector<FileTally>& files, v1::Observations& observations,
                            std::vector<std::string>& notes);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_MISSING_VALUES_H_
