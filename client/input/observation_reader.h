#ifndef CTXFIT_CLIENT_INPUT_OBSERVATION_READER_H_
#define CTXFIT_CLIENT_INPUT_OBSERVATION_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ctxfit/v1/observations.pb.h"

namespace ctxfit {

enum class InputFormat { kAuto, kCsv, kJsonl };

// Which rows of which files.
struct ObservationSource {
  std::vector<std::string> files;           // "-" is standard input; one after the other
  InputFormat format = InputFormat::kAuto;  // kAuto: JSON Lines where the first visible byte is "{", CSV otherwise
  std::string where;                        // a WhereExpression; "" takes every row
  std::string hold_out;                     // a WhereExpression for rows to hold out; "" for none
  std::string group_a = {};                 // a WhereExpression for the rows of group "a"; "" for no groups
  std::string group_b = {};                 // the same for group "b"; "" for all other rows
};

// Where rows came from, for messages.
class RowOrigins {
 public:
  // Rows added from now on come from this file.
  void StartFile(std::string name);
  void AddRow(std::int64_t line) { lines_.push_back(line); }
  std::size_t size() const { return lines_.size(); }

  // "FILE:LINE" of a row.
  std::string Describe(std::size_t row) const;

  // `status` with "observations.COLUMN[ROW]" in its message replaced by "FILE:LINE: COLUMN", where it begins so.
  absl::Status Translate(const absl::Status& status) const;

 private:
  struct File {
    std::string name;
    std::size_t first_row;
  };
  std::vector<File> files_;
  std::vector<std::int64_t> lines_;
};

// Rows as read.
struct ObservationInput {
  v1::Observations observations;
  RowOrigins origins;
  std::vector<std::string> group;     // "a" or "b" by row; empty unless groups are asked for
  std::vector<std::string> warnings;  // unknown columns
};

// Reads observations from CSV or JSON Lines files, plain or gzip-compressed. Checks what only the file can tell: that
// required columns are there and that numbers are numbers. Their ranges are the service's to check.
//
// Where some files have an optional column and others do not, the rows of the others have the weight 1, or an empty
// text. INVALID_ARGUMENT, with file, line, column, value and rule: what the readers and WhereExpression say; a missing
// required column; a field that is not a number; no row left; a `hold_out` that none or all
// of the rows meet; a group without rows, and a row of both groups. Rows of neither group are left out.
absl::StatusOr<ObservationInput> ReadObservations(const ObservationSource& source);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_OBSERVATION_READER_H_
