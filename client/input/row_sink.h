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

  // Receives the names of the columns, which are distinct: once, before any row.
  virtual absl::Status OnHeader(const std::vector<std::string>& columns) = 0;

  // Receives a row with a field for every column, "" if the file has none; it begins in line `line`, counted from 1.
  virtual absl::Status OnRow(std::int64_t line, absl::Span<const std::string> fields) = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_ROW_SINK_H_
