#ifndef CTXFIT_TESTS_CLIENT_INPUT_RECORDING_SINK_H_
#define CTXFIT_TESTS_CLIENT_INPUT_RECORDING_SINK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "client/input/row_sink.h"

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

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CLIENT_INPUT_RECORDING_SINK_H_
