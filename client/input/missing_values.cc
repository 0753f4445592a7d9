#include "client/input/missing_values.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/text/number_text.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// The treatment of an optional column of which some fields have no value and others have.
struct MissingRule {
  absl::string_view column;
  bool may_lack_in_rows;     // in some rows of a file
  bool may_lack_in_files;    // in all rows of some files
  absl::string_view effect;  // consequence for the rows without a value, or the remedy where there must be none
};

// Flags in the order of kNumberColumns and kTextColumns.
constexpr absl::string_view kNoCluster = "; give every row that stands alone a label of its own";
constexpr MissingRule kRules[kOptionalCount] = {
    {"weight", false, true, "the weight there is 1"},
    {"score_variance", false, true, "the variance there is 0"},
    {"cluster", false, false, kNoCluster},
    {"cluster_2", false, false, kNoCluster},
    {"task", true, true, "fitted there as a task without a name"},
    {"model", true, true, "without a model name there"},
};

// Tells where rows of a file lack a value, and how many do.
std::string LackOfRows(const FileTally& file, const FieldTally& field, const MissingRule& rule) {
  return absl::StrCat(file.file, ":", field.first_missing, ": ", rule.column, " has no value, the ",
                      field.missing == 1 ? "only one" : absl::StrCat("first of ", CountText(field.missing)), " of ",
                      Plural(file.rows, "row"), ": ");
}

std::string LackOfFile(const FileTally& file, const MissingRule& rule) {
  return absl::StrCat(file.file, ": ", rule.column, " has no value in ", Plural(file.rows, "row"),
                      ", but in another file: ");
}

absl::Status RejectRows(const FileTally& file, const FieldTally& field, const MissingRule& rule) {
  return absl::InvalidArgumentError(absl::StrCat(LackOfRows(file, field, rule), "must have one in every row or in none",
                                                 rule.may_lack_in_files ? "" : rule.effect));
}

absl::Status RejectFile(const FileTally& file, const MissingRule& rule) {
  return absl::InvalidArgumentError(
      absl::StrCat(LackOfFile(file, rule), "must have one in every row or in none", rule.effect));
}

void Clear(std::size_t column, v1::Observations& observations) {
  if (column < kOptionalNumberCount) {
    (observations.*kNumberColumns[kRequiredColumnCount + column].values)()->Clear();
  } else {
    (observations.*kTextColumns[column - kOptionalNumberCount].values)()->Clear();
  }
}

// Decides on one file, in a column that has values somewhere.
absl::Status ResolveFile(const FileTally& file, std::size_t column, std::vector<std::string>& notes) {
  const FieldTally& field = file.columns[column];
  const MissingRule& rule = kRules[column];
  if (field.missing == 0) return absl::OkStatus();
  const bool whole_file = field.missing == file.rows;
  if (whole_file && !rule.may_lack_in_files) return RejectFile(file, rule);
  if (!whole_file && !rule.may_lack_in_rows) return RejectRows(file, field, rule);
  notes.push_back(absl::StrCat(whole_file ? LackOfFile(file, rule) : LackOfRows(file, field, rule), rule.effect));
  return absl::OkStatus();
}

// Decides on a column that has no value anywhere.
void ResolveEmptyColumn(const std::vector<FileTally>& files, std::size_t column, v1::Observations& observations,
                        std::vector<std::string>& notes) {
  Clear(column, observations);
  for (const FileTally& file : files) {
    if (!file.columns[column].in_file || file.rows == 0) continue;
    notes.push_back(absl::StrCat(file.file, ": ", kRules[column].column, " has no value in any row: not used"));
  }
}

}  // namespace

bool IsMissing(absl::string_view field) {
  constexpr absl::string_view kSpellings[] = {"",     "NA",   "nan", "NaN", "<NA>", "NULL",
                                              "None", "null", "N/A", "n/a", "#N/A"};
  const absl::string_view text = absl::StripAsciiWhitespace(field);
  return std::find(std::begin(kSpellings), std::end(kSpellings), text) != std::end(kSpellings);
}

absl::Status ResolveMissing(const std::vector<FileTally>& files, v1::Observations& observations,
                            std::vector<std::string>& notes) {
  for (std::size_t column = 0; column < kOptionalCount; ++column) {
    const bool has_values = std::any_of(files.begin(), files.end(), [column](const FileTally& file) {
      return file.columns[column].missing < file.rows;
    });
    if (!has_values) {
      ResolveEmptyColumn(files, column, observations, notes);
      continue;
    }
    for (const FileTally& file : files) CTXFIT_RETURN_IF_ERROR(ResolveFile(file, column, notes));
  }
  return absl::OkStatus();
}

}  // namespace ctxfit
