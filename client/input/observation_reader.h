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

// Files of observations, and conditions that select their rows.
struct ObservationSource {
  std::vector<std::string> files;           // read in this order; "-" is standard input
  InputFormat format = InputFormat::kAuto;  // kAuto: JSON Lines if the first visible byte is "{" or "[", else CSV
  std::string where;                        // a WhereExpression; "" takes every row
  std::string hold_out;                     // a WhereExpression for rows to hold out; "" for none
  std::string group_a = {};                 // a WhereExpression for the rows of group "a"; "" for no groups
  std::string group_b = {};                 // a WhereExpression for the rows of group "b"; "" for all others
  std::string by = {};                      // a column whose text is the group of a row; "" for none
  double score_scale = 1;                   // score that stands for 1, > 0: 100 for percentages
  bool needs_prompts = true;                // false if files may lack prompt_tokens
  bool needs_limits = true;                 // false if files may lack context_limit_tokens
};

// Origins of rows, for messages.
class RowOrigins {
 public:
  // Begins a file: rows added after this call come from it.
  void StartFile(std::string name);
  void AddRow(std::int64_t line) { lines_.push_back(line); }
  std::size_t size() const { return lines_.size(); }

  // Returns "FILE:LINE" of a row.
  std::string Describe(std::size_t row) const;

  // Returns `status` with a leading "observations.COLUMN[ROW]" of its message replaced by "FILE:LINE: COLUMN".
  absl::Status Translate(const absl::Status& status) const;

 private:
  struct File {
    std::string name;
    std::size_t first_row;
  };
  std::vector<File> files_;
  std::vector<std::int64_t> lines_;
};

// Rows as read, with their origins.
struct ObservationInput {
  v1::Observations observations;
  RowOrigins origins;
  std::vector<std::string> group;     // "a" or "b" by row, or the text of ObservationSource::by; empty without groups
  std::vector<std::string> warnings;  // unknown columns, names read as others, missing values
};

// Reads observations from CSV or JSON Lines files, plain or gzip-compressed. Checks that required columns exist and
// that numbers are numbers; the service checks their ranges. Rows of neither group are left out if groups are
// requested. A column whose name differs from a known one by capitals, spaces or hyphens alone is read as that one,
// also in expressions. Scores are divided by `score_scale`, and their variances by its square.
//
// INVALID_ARGUMENT, with file, line, column, value and rule, for the errors of the readers, of WhereExpression and of
// ResolveMissing() (missing_values.h), a missing required column, two columns that are read as one, a field that is not
// a number, a column that only some of the files have though every row needs it, a column `by` that a file lacks, no
// remaining row, a `hold_out` that none or all of the rows meet, a group without rows, and a row of both groups.
absl::StatusOr<ObservationInput> ReadObservations(const ObservationSource& source);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_OBSERVATION_READER_H_
