#ifndef CTXFIT_CLIENT_INPUT_ROW_SINK_H_
#define CTXFIT_CLIENT_INPUT_ROW_SINK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace ctxfit {

// Receives a table row by row from a reader. An error that it returns ends the reading.
class RowSink {
 public:
  virtual ~RowSink() = default;

  // Receives the names of the columns, which are distinct: once, before any row. The first may be "", an index.
  virtual absl::Status OnHeader(const std::vector<std::string>& columns) = 0;

  // Receives the name of a column that first occurs behind the header. Rows have a field for it from now on, behind the
  // others; those before have none.
  virtual absl::Status OnLateColumn(const std::string& /*column*/) { return absl::OkStatus(); }

  // True if fields of this column have to be numbers or text.
  virtual bool Uses(const std::string& /*column*/) const { return true; }

  // Receives a row with a field for every column, "" if the file has none; it begins in line `line`, counted from 1.
  virtual absl::Status OnRow(std::int64_t line, absl::Span<const std::string> fields) = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_ROW_SINK_H_
