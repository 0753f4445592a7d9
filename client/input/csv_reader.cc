#include "client/input/csv_reader.h"

#include <csv.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/input/dialect.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"
#include "client/input/utf8.h"
#include "client/text/number_text.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Collects libcsv's fields into rows. The parser is fed line by line, so that the first line of each row is known.
class Parser {
 public:
  Parser(TextInput& input, RowSink& sink) : input_(input), sink_(sink) {
    csv_init(&parser_, CSV_STRICT | CSV_STRICT_FINI);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() { csv_free(&parser_); }

  // Parses one line, including its line end.
  absl::Status Feed(absl::string_view line) {
    if (!row_open_ && absl::StripAsciiWhitespace(line).empty()) return absl::OkStatus();
    if (!row_open_) {
      row_line_ = input_.line_number();
      if (!has_header_) CTXFIT_RETURN_IF_ERROR(ChooseSeparator(line));
    }
    row_open_ = true;
    row_bytes_ += line.size();
    if (row_bytes_ > kMaxLineBytes) return QuoteError("goes on for more than 1 MiB");
    if (csv_parse(&parser_, line.data(), line.size(), &OnField, &OnRowEnd, this) != line.size() && status_.ok()) {
      return Error(absl::StrCat("misplaced quotation mark in field ", field_count_ + 1,
                                ": a field with quotes stands in quotes, and its own are doubled"));
    }
    return status_;
  }

  absl::Status Finish() {
    if (csv_fini(&parser_, &OnField, &OnRowEnd, this) != 0) return QuoteError("does not end before the file does");
    if (status_.ok() && !has_header_) {
      return absl::InvalidArgumentError(absl::StrCat(input_.name(), ": the file is empty"));
    }
    return status_;
  }

 private:
  static void OnField(void* text, std::size_t size, void* self) {
    auto* parser = static_cast<Parser*>(self);
    if (parser->fields_.size() == parser->field_count_) parser->fields_.emplace_back();
    parser->fields_[parser->field_count_++].assign(static_cast<const char*>(text), size);
  }

  static void OnRowEnd(int /*terminator*/, void* self) {
    auto* parser = static_cast<Parser*>(self);
    if (parser->status_.ok()) parser->status_ = parser->HandleRow();
    parser->field_count_ = 0;
    parser->row_open_ = false;
    parser->row_bytes_ = 0;
  }

  absl::Status ChooseSeparator(absl::string_view header) {
    const char separator = SeparatorOf(header);
    if (separator == ';') {
      return Error(
          "semicolons separate the fields, as where the decimal mark is a comma: must be commas, with decimal points. "
          "In pandas: read_csv(FILE, sep=\";\", decimal=\",\").to_csv(NEW_FILE, index=False)");
    }
    csv_set_delim(&parser_, static_cast<unsigned char>(separator));
    return absl::OkStatus();
  }

  absl::Status HandleRow() {
    const auto fields = absl::MakeConstSpan(fields_).subspan(0, field_count_);
    if (!has_header_) return HandleHeader(fields);
    if (fields.size() != column_count_) {
      return Error(absl::StrCat("the row has ", Plural(static_cast<std::int64_t>(fields.size()), "field"),
                                ", the header ", column_count_));
    }
    return sink_.OnRow(row_line_, fields);
  }

  absl::Status HandleHeader(absl::Span<const std::string> fields) {
    has_header_ = true;
    column_count_ = fields.size();
    const std::vector<std::string> columns(fields.begin(), fields.end());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0 && columns[i].empty()) return Error(absl::StrCat("column ", i + 1, " of the header has no name"));
      if (std::find(columns.begin(), columns.begin() + i, columns[i]) != columns.begin() + i) {
        return Error(absl::StrCat("column ", Quoted(columns[i]), " stands twice in the header"));
      }
    }
    return sink_.OnHeader(columns);
  }

  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(input_.name(), ":", row_line_, ": ", what));
  }

  absl::Status QuoteError(absl::string_view what) const {
    return Error(absl::StrCat("the record that begins here ", what, "; is a quotation mark left open?"));
  }

  TextInput& input_;
  RowSink& sink_;
  csv_parser parser_;
  std::vector<std::string> fields_;  // the first field_count_ are the open row's; later ones only keep their memory
  std::size_t field_count_ = 0;
  std::size_t column_count_ = 0;
  bool has_header_ = false;
  bool row_open_ = false;
  std::int64_t row_line_ = 0;
  std::size_t row_bytes_ = 0;
  absl::Status status_;
};

}  // namespace

absl::Status ReadCsv(TextInput& input, RowSink& sink) {
  Parser parser(input, sink);
  std::string line;
  while (true) {
    CTXFIT_ASSIGN_OR_RETURN(const bool more, input.NextLine(line));
    if (!more) return parser.Finish();
    line += '\n';
    CTXFIT_RETURN_IF_ERROR(parser.Feed(line));
  }
}

}  // namespace ctxfit
