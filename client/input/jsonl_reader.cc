#include "client/input/jsonl_reader.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/input/non_finite.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"
#include "client/input/utf8.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

using nlohmann::json;

constexpr absl::string_view kNoObject =
    "the line is not a JSON object: must be JSON Lines, one object per line, as jq -c '.[]' FILE makes them of an "
    "array";

// Reads the object in one line. A callback that returns false ends the parse, with the reason in error().
class LineHandler : public json::json_sax_t {
 public:
  explicit LineHandler(const RowSink& sink) : sink_(sink) {}

  // Columns named so far; empty before the first line.
  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<std::string>& fields() const { return fields_; }
  const std::string& error() const { return error_; }

  // `quoted` has the quotes that were added to the line.
  void StartLine(absl::string_view line, const QuotedJson* quoted) {
    quoted_ = quoted;
    fields_.assign(columns_.size(), "");
    seen_.assign(columns_.size(), false);
    size_ = line.size();
    depth_ = 0;
    error_.clear();
  }

  bool null() override { return Value(""); }
  bool boolean(bool value) override { return Value(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Value(absl::StrCat(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Value(absl::StrCat(value)); }
  bool number_float(number_float_t, const string_t& text) override { return Value(text); }
  bool string(string_t& text) override { return Value(text); }
  bool binary(binary_t&) override { return Fail(std::string(kNoObject)); }

  bool start_object(std::size_t) override { return depth_ == 0 ? Enter() : Nested("{...}"); }
  bool end_object() override { return Leave(); }
  bool start_array(std::size_t) override { return depth_ == 0 ? Fail(std::string(kNoObject)) : Nested("[...]"); }
  bool end_array() override { return Leave(); }

  bool key(string_t& name) override {
    if (depth_ > 1) return true;
    column_ = std::find(columns_.begin(), columns_.end(), name) - columns_.begin();
    if (column_ < columns_.size()) {
      if (seen_[column_]) return Fail(absl::StrCat("column ", Quoted(name), " stands twice in the line"));
      seen_[column_] = true;
      return true;
    }
    columns_.push_back(name);
    fields_.emplace_back();
    seen_.push_back(true);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception& exception) override {
    constexpr int kNumberOverflow = 406;
    if (exception.id == kNumberOverflow)
      return Fail(absl::StrCat("the number before byte ", position, " is too large"));
    if (position > size_ && depth_ > 0) {
      return Fail(
          "the line is not valid JSON: the object does not end in it. Must be JSON Lines, one object per line, as "
          "jq -c . FILE makes them of objects on several lines");
    }
    return Fail(absl::StrCat("the line is not valid JSON from byte ", quoted_->OriginalByte(position), " on"));
  }

 private:
  bool Value(absl::string_view text) {
    if (depth_ == 0) return Fail(std::string(kNoObject));
    if (depth_ > 1) return true;
    fields_[column_].assign(text.data(), text.size());
    return true;
  }

  bool Enter() {
    ++depth_;
    return true;
  }

  bool Leave() {
    --depth_;
    return true;
  }

  // Enters an array or an object inside a column, of which no value is read.
  bool Nested(absl::string_view text) {
    if (depth_ == 1 && sink_.Uses(columns_[column_])) {
      return Fail(absl::StrCat("column ", Quoted(columns_[column_]),
                               " holds neither a number nor text: must be JSON Lines, one object per row, as pandas' "
                               "to_json(FILE, orient=\"records\", lines=True) writes"));
    }
    return Value(text) && Enter();
  }

  bool Fail(std::string what) {
    error_ = std::move(what);
    return false;
  }

  const RowSink& sink_;
  const QuotedJson* quoted_ = nullptr;
  std::vector<std::string> columns_;
  std::vector<std::string> fields_;
  std::vector<bool> seen_;
  std::size_t size_ = 0;    // length of the line
  std::size_t column_ = 0;  // column of the next value
  int depth_ = 0;           // number of open objects and arrays
  std::string error_;
};

// Tells the sink of the columns behind the first `known` ones.
absl::Status AnnounceColumns(const std::vector<std::string>& columns, std::size_t known, RowSink& sink) {
  if (known == 0) return sink.OnHeader(columns);
  for (std::size_t i = known; i < columns.size(); ++i) CTXFIT_RETURN_IF_ERROR(sink.OnLateColumn(columns[i]));
  return absl::OkStatus();
}

absl::Status HandleLine(const TextInput& input, absl::string_view line, LineHandler& handler, RowSink& sink) {
  const std::size_t known = handler.columns().size();
  // NaN, as pandas and Python write it, is read as the text of a field in CSV is.
  const bool may_have = MayHaveNonFinite(line);
  const QuotedJson quoted = may_have ? QuoteNonFinite(line) : QuotedJson();
  if (may_have) line = quoted.text;
  handler.StartLine(line, &quoted);
  if (!json::sax_parse(line.begin(), line.end(), &handler)) {
    return absl::InvalidArgumentError(absl::StrCat(input.name(), ":", input.line_number(), ": ", handler.error()));
  }
  CTXFIT_RETURN_IF_ERROR(AnnounceColumns(handler.columns(), known, sink));
  return sink.OnRow(input.line_number(), handler.fields());
}

}  // namespace

absl::Status ReadJsonl(TextInput& input, RowSink& sink) {
  LineHandler handler(sink);
  std::string line;
  while (true) {
    CTXFIT_ASSIGN_OR_RETURN(const bool more, input.NextLine(line));
    if (!more) break;
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (text.empty()) continue;
    CTXFIT_RETURN_IF_ERROR(HandleLine(input, text, handler, sink));
  }
  if (!handler.columns().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(input.name(), ": the file is empty"));
}

}  // namespace ctxfit
