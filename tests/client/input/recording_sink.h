#ifndef CTXFIT_TESTS_CLIENT_INPUT_RECORDING_SINK_H_
#define CTXFIT_TESTS_CLIENT_INPUT_RECORDING_SINK_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"
#include "tests/client/input/temporary_file.h"

namespace ctxfit {

// Records the columns and rows of a reader. Uses every column but "unused".
class RecordingSink : public RowSink {
 public:
  absl::Status OnHeader(const std::vector<std::string>& names) override {
    columns = names;
    return absl::OkStatus();
  }
  absl::Status OnLateColumn(const std::string& name) override {
    columns.push_back(name);
    return absl::OkStatus();
  }
  bool Uses(const std::string& name) const override { return name != "unused"; }
  absl::Status OnRow(std::int64_t line, absl::Span<const std::string> fields) override {
    lines.push_back(line);
    rows.emplace_back(fields.begin(), fields.end());
    return absl::OkStatus();
  }

  std::vector<std::string> columns;
  std::vector<std::int64_t> lines;
  std::vector<std::vector<std::string>> rows;
};

// A reader of rows, such as ReadCsv().
using RowReader = absl::Status (*)(TextInput& input, RowSink& sink);

// Reads a file with `content` into `sink`.
inline absl::Status Read(RowReader reader, const std::string& content, RecordingSink& sink) {
  const TemporaryFile file(content);
  absl::StatusOr<TextInput> input = TextInput::Open(file.path());
  if (!input.ok()) return input.status();
  return reader(*input, sink);
}

// Expects that a file with `content` is refused as INVALID_ARGUMENT, and returns the message.
inline std::string ErrorOf(RowReader reader, const std::string& content) {
  RecordingSink sink;
  const absl::Status status = Read(reader, content, sink);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CLIENT_INPUT_RECORDING_SINK_H_
