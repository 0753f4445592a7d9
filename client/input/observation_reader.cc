#include "client/input/observation_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/input/column_map.h"
#include "client/input/csv_reader.h"
#include "client/input/dialect.h"
#include "client/input/jsonl_reader.h"
#include "client/input/missing_values.h"
#include "client/input/observation_columns.h"
#include "client/input/row_phrases.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"
#include "client/input/utf8.h"
#include "client/input/where_expression.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Appends the rows of one file to the columns of a request.
class FileSink : public RowSink {
 public:
  FileSink(const std::string& file, const ObservationSource& source, ObservationInput& input)
      : file_(file), source_(source), input_(input), columns_(file, source.needs_prompts, source.needs_limits) {
    tally_.file = file;
  }

  absl::Status OnHeader(const std::vector<std::string>& columns) override {
    CTXFIT_RETURN_IF_ERROR(columns_.Read(columns));
    CTXFIT_RETURN_IF_ERROR(CheckOtherFiles());
    AdmitOptional();
    CTXFIT_RETURN_IF_ERROR(Parse(source_.where, where_));
    CTXFIT_RETURN_IF_ERROR(Parse(source_.hold_out, hold_out_));
    CTXFIT_RETURN_IF_ERROR(Parse(source_.group_a, group_a_));
    CTXFIT_RETURN_IF_ERROR(Parse(source_.group_b, group_b_));
    return FindBy();
  }

  absl::Status OnLateColumn(const std::string& column) override {
    columns_.Append(column);
    AdmitOptional();
    return absl::OkStatus();
  }

  bool Uses(const std::string& column) const override { return !KnownName(column).empty() || column == source_.by; }

  absl::Status OnRow(std::int64_t line, absl::Span<const std::string> fields) override {
    ++rows_read_;
    line_ = line;
    CTXFIT_ASSIGN_OR_RETURN(const bool wanted, Matches(where_, fields, true));
    if (!wanted) return absl::OkStatus();
    if (group_a_.has_value()) {
      CTXFIT_ASSIGN_OR_RETURN(const std::string group, GroupOf(fields));
      if (group.empty()) return absl::OkStatus();
      input_.group.push_back(group);
    }
    if (!source_.by.empty()) input_.group.push_back(fields[by_]);
    if (hold_out_.has_value()) {
      CTXFIT_ASSIGN_OR_RETURN(const bool held_out, Matches(hold_out_, fields, false));
      input_.observations.add_held_out(held_out);
    }
    for (std::size_t i = 0; i < std::size(kNumberColumns); ++i) CTXFIT_RETURN_IF_ERROR(AddNumber(i, fields));
    for (std::size_t i = 0; i < std::size(kTextColumns); ++i) AddText(i, fields);
    input_.origins.AddRow(line);
    ++tally_.rows;
    return absl::OkStatus();
  }

  // Notes what is known only at the end of the file. Returns the tally of its missing fields.
  FileTally Finish() {
    for (std::string& note : columns_.Notes(source_.by)) input_.warnings.push_back(std::move(note));
    return tally_;
  }

  std::int64_t rows_read() const { return rows_read_; }

 private:
  // Position of an optional column, in the order of FileTally::columns.
  std::size_t OptionalAt(std::size_t column) const {
    return column < kOptionalNumberCount ? columns_.number_at(kRequiredColumnCount + column)
                                         : columns_.text_at(column - kOptionalNumberCount);
  }

  // Checks that this file has the required columns of the files before it, and no others of them.
  absl::Status CheckOtherFiles() const {
    if (input_.origins.size() == 0) return absl::OkStatus();
    for (std::size_t i = 0; i < kRequiredColumnCount; ++i) {
      const bool has = columns_.number_at(i) != ColumnMap::kAbsent;
      if (has != (input_.observations.*kNumberColumns[i].values)()->empty()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(file_, ":1: column ", kNumberColumns[i].name, " is ",
                       has ? "here and not in the files before" : "missing, and in the files before",
                       ": must be in all files or in none"));
    }
    return absl::OkStatus();
  }

  absl::Status Parse(const std::string& text, std::optional<WhereExpression>& expression) const {
    if (text.empty()) return absl::OkStatus();
    absl::StatusOr<WhereExpression> parsed = WhereExpression::Parse(text, columns_.names());
    if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat(file_, ": ", parsed.status().message()));
    expression = *std::move(parsed);
    return absl::OkStatus();
  }

  // Finds the column of ObservationSource::by.
  absl::Status FindBy() {
    if (source_.by.empty()) return absl::OkStatus();
    const absl::string_view known = KnownName(source_.by);
    const std::string name(known.empty() ? source_.by : known);
    const auto at = std::find(columns_.names().begin(), columns_.names().end(), name);
    by_ = at - columns_.names().begin();
    if (at != columns_.names().end()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(file_, ":1: --by ", Quoted(source_.by),
                                                   ": must be a column, which are ",
                                                   absl::StrJoin(columns_.names(), ", ")));
  }

  // Returns true if a row meets a condition; `otherwise` if there is none.
  absl::StatusOr<bool> Matches(const std::optional<WhereExpression>& condition, absl::Span<const std::string> fields,
                               bool otherwise) const {
    if (!condition.has_value()) return otherwise;
    absl::StatusOr<bool> matches = condition->Matches(fields);
    if (!matches.ok()) return Error(matches.status().message());
    return matches;
  }

  // Returns the group of a row; "" if it has none.
  absl::StatusOr<std::string> GroupOf(absl::Span<const std::string> fields) const {
    CTXFIT_ASSIGN_OR_RETURN(const bool in_a, Matches(group_a_, fields, false));
    CTXFIT_ASSIGN_OR_RETURN(const bool in_b, Matches(group_b_, fields, !in_a));
    if (in_a && in_b) return Error("the row meets both --a and --b: must be in one group at most");
    return in_a ? "a" : in_b ? "b" : "";
  }

  // Notes which optional columns there are, and fills in the default for rows before, where one first occurs here.
  void AdmitOptional() {
    const int rows = static_cast<int>(input_.origins.size());
    for (std::size_t i = 0; i < kOptionalCount; ++i) {
      if (OptionalAt(i) == ColumnMap::kAbsent) continue;
      tally_.columns[i].in_file = true;
      if (i < kOptionalNumberCount) {
        FillNumber(kNumberColumns[kRequiredColumnCount + i], rows);
      } else {
        FillText(kTextColumns[i - kOptionalNumberCount], rows);
      }
    }
  }

  void FillNumber(const NumberColumn& column, int rows) {
    auto* values = (input_.observations.*column.values)();
    if (values->empty()) values->Resize(rows, column.absent);
  }

  void FillText(const TextColumn& column, int rows) {
    auto* values = (input_.observations.*column.values)();
    if (!values->empty()) return;
    for (int row = 0; row < rows; ++row) values->Add();
  }

  // Returns true if an optional field has no value, and counts it.
  bool CountMissing(std::size_t optional, absl::Span<const std::string> fields) {
    const std::size_t at = OptionalAt(optional);
    if (at != ColumnMap::kAbsent && !IsMissing(fields[at])) return false;
    FieldTally& tally = tally_.columns[optional];
    if (++tally.missing == 1) tally.first_missing = line_;
    return true;
  }

  absl::Status AddNumber(std::size_t index, absl::Span<const std::string> fields) {
    const NumberColumn& column = kNumberColumns[index];
    const std::size_t at = columns_.number_at(index);
    auto* values = (input_.observations.*column.values)();
    if (index >= kRequiredColumnCount && CountMissing(index - kRequiredColumnCount, fields)) {
      if (at != ColumnMap::kAbsent || !values->empty()) values->Add(column.absent);
      return absl::OkStatus();
    }
    if (at == ColumnMap::kAbsent) return absl::OkStatus();
    const absl::string_view text = absl::StripAsciiWhitespace(fields[at]);
    double value = 0;
    if (!absl::SimpleAtod(text, &value)) {
      return Error(
          absl::StrCat(column.name, " = ", Quoted(text), ": must be a number, ", column.rule, NumberRemedy(text)));
    }
    values->Add(value / ScaleOf(column));
    return absl::OkStatus();
  }

  // Unit of a column's fields.
  double ScaleOf(const NumberColumn& column) const {
    if (column.name == "score") return source_.score_scale;
    if (column.name == "score_variance") return source_.score_scale * source_.score_scale;
    return 1;
  }

  void AddText(std::size_t index, absl::Span<const std::string> fields) {
    const std::size_t at = columns_.text_at(index);
    auto* values = (input_.observations.*kTextColumns[index].values)();
    if (!CountMissing(kOptionalNumberCount + index, fields)) {
      *values->Add() = fields[at];
    } else if (at != ColumnMap::kAbsent || !values->empty()) {
      values->Add();
    }
  }

  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(file_, ":", line_, ": ", what));
  }

  const std::string& file_;
  const ObservationSource& source_;
  ObservationInput& input_;
  ColumnMap columns_;
  std::optional<WhereExpression> where_;
  std::optional<WhereExpression> hold_out_;
  std::optional<WhereExpression> group_a_;
  std::optional<WhereExpression> group_b_;
  std::size_t by_ = 0;  // place of the column of ObservationSource::by
  FileTally tally_;
  std::int64_t rows_read_ = 0;
  std::int64_t line_ = 0;
};

// The rows of one file: all, and those that were taken.
struct FileRows {
  std::int64_t read = 0;
  FileTally taken;
};

absl::StatusOr<FileRows> ReadFile(const std::string& path, const ObservationSource& source, ObservationInput& input) {
  CTXFIT_ASSIGN_OR_RETURN(TextInput text, TextInput::Open(path));
  input.origins.StartFile(text.name());
  FileSink sink(text.name(), source, input);
  const char first = text.FirstVisibleByte();
  const bool jsonl =
      source.format == InputFormat::kAuto ? first == '{' || first == '[' : source.format == InputFormat::kJsonl;
  CTXFIT_RETURN_IF_ERROR(jsonl ? ReadJsonl(text, sink) : ReadCsv(text, sink));
  return FileRows{sink.rows_read(), sink.Finish()};
}

// Fails unless both parts have rows: an expression that leaves nothing to fit or to evaluate is a mistake.
absl::Status CheckHeldOut(const ObservationSource& source, const ObservationInput& input) {
  if (source.hold_out.empty()) return absl::OkStatus();
  const auto& held_out = input.observations.held_out();
  const auto count = std::count(held_out.begin(), held_out.end(), true);
  if (count > 0 && count < held_out.size()) return absl::OkStatus();
  const std::string rows = count > 0 ? EachOfRows(held_out.size()) : NoneOfRows(held_out.size());
  return absl::InvalidArgumentError(absl::StrCat("--hold-out '", source.hold_out, "': ", rows, " meets it"));
}

// Fails unless both groups have rows: an expression that selects none is a mistake.
absl::Status CheckGroups(const ObservationSource& source, const ObservationInput& input, std::int64_t rows_read) {
  if (source.group_a.empty()) return absl::OkStatus();
  for (const char* name : {"a", "b"}) {
    if (std::find(input.group.begin(), input.group.end(), name) != input.group.end()) continue;
    const std::string& expression = *name == 'a' ? source.group_a : source.group_b;
    if (expression.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("--a '", source.group_a, "': ", EachOfRows(rows_read),
                                                     " is in this group, which leaves none for the other one: choose "
                                                     "fewer, or the rows of the other one by --b"));
    }
    return absl::InvalidArgumentError(
        absl::StrCat("--", name, " '", expression, "': ", NoneOfRows(rows_read), " is in this group"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ObservationInput> ReadObservations(const ObservationSource& source) {
  ObservationInput input;
  std::int64_t rows_read = 0;
  std::vector<FileTally> tallies;
  for (const std::string& file : source.files) {
    CTXFIT_ASSIGN_OR_RETURN(FileRows rows, ReadFile(file, source, input));
    rows_read += rows.read;
    tallies.push_back(std::move(rows.taken));
  }
  CTXFIT_RETURN_IF_ERROR(ResolveMissing(tallies, input.observations, input.warnings));
  if (rows_read > 0) CTXFIT_RETURN_IF_ERROR(CheckGroups(source, input, rows_read));
  if (input.origins.size() > 0) {
    CTXFIT_RETURN_IF_ERROR(CheckHeldOut(source, input));
    return input;
  }
  const std::string files = absl::StrJoin(source.files, ", ");
  if (rows_read == 0) return absl::InvalidArgumentError(absl::StrCat(files, ": no rows after the header"));
  return absl::InvalidArgumentError(
      absl::StrCat("--where '", source.where, "': ", NoneOfRows(rows_read), " of ", files, " meets it"));
}

}  // namespace ctxfit
