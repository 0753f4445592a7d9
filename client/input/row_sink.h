#ifndef CTXFIT_CLIENT_INPUT_ROW_SINK_H_
#define CTXFIT_CLIENT_INPUT_ROW_SINK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace ctxfit {

// Receives a table row by row, as a reader finds it. An error that it returns ends the reading.
class RowSink {
 public:
  virtual ~RowSink() = default;

  // The names of the columns: once, before any row, none of them twice.
  virtual absl::Status OnHeader(const std::vector<std::string>& columns) = 0;

  // A row with a field for every column, "" where the file has none; `line` is where it begins, counted from 1.
  virtual absl::Status OnRow(std::int64_t line, absl::Span<const std::string> fields) = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_ROW_SINK_H_
