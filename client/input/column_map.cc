#include "client/input/column_map.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/input/dialect.h"
#include "client/input/utf8.h"

namespace ctxfit {

absl::string_view KnownName(absl::string_view name) {
  const std::string wanted = SnakeCase(name);
  for (const NumberColumn& column : kNumberColumns) {
    if (column.name == wanted) return column.name;
  }
  for (const TextColumn& column : kTextColumns) {
    if (column.name == wanted) return column.name;
  }
  return "";
}

ColumnMap::ColumnMap(std::string file, bool needs_prompts, bool needs_limits)
    : file_(std::move(file)), needs_prompts_(needs_prompts), needs_limits_(needs_limits) {}

absl::Status ColumnMap::Read(const std::vector<std::string>& columns) {
  names_ = columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const absl::string_view known = KnownName(columns[i]);
    if (known.empty() || std::find(columns.begin(), columns.end(), known) != columns.end()) continue;
    if (const std::size_t other = Find(known); other != kAbsent) {
      return absl::InvalidArgumentError(absl::StrCat(file_, ":1: columns ", Quoted(columns[other]), " and ",
                                                     Quoted(columns[i]), " both stand for ", known,
                                                     ": must be one column"));
    }
    Rename(i, known);
  }
  Locate();
  return CheckRequired();
}

void ColumnMap::Append(const std::string& column) {
  names_.push_back(column);
  const absl::string_view known = KnownName(column);
  if (!known.empty() && Find(known) == kAbsent) Rename(names_.size() - 1, known);
  Locate();
}

std::vector<std::string> ColumnMap::Notes(absl::string_view used) const {
  std::vector<std::string> notes;
  const auto add = [&](absl::string_view what, const std::vector<std::string>& columns) {
    if (columns.empty()) return;
    notes.push_back(
        absl::StrCat(file_, ": ", what, ": column", columns.size() > 1 ? "s " : " ", absl::StrJoin(columns, ", ")));
  };
  add("read by another name", renamed_);
  add("not used, for --where only", UnknownNames(used));
  return notes;
}

std::size_t ColumnMap::Find(absl::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? kAbsent : found - names_.begin();
}

void ColumnMap::Rename(std::size_t at, absl::string_view known) {
  renamed_.push_back(absl::StrCat(Quoted(names_[at]), " as ", known));
  names_[at] = std::string(known);
}

void ColumnMap::Locate() {
  for (std::size_t i = 0; i < std::size(kNumberColumns); ++i) number_at_[i] = Find(kNumberColumns[i].name);
  for (std::size_t i = 0; i < std::size(kTextColumns); ++i) text_at_[i] = Find(kTextColumns[i].name);
}

absl::Status ColumnMap::CheckRequired() const {
  std::vector<absl::string_view> missing;
  for (int i = 0; i < kRequiredColumnCount; ++i) {
    const absl::string_view name = kNumberColumns[i].name;
    const bool is_needed =
        (name != "prompt_tokens" || needs_prompts_) && (name != "context_limit_tokens" || needs_limits_);
    if (number_at_[i] == kAbsent && is_needed) missing.push_back(name);
  }
  if (missing.empty()) return absl::OkStatus();
  const bool lengths_only = Find("training_compute_flops") != kAbsent && Find("score") != kAbsent;
  const bool limits_only = lengths_only && Find("prompt_tokens") != kAbsent;
  return absl::InvalidArgumentError(absl::StrCat(
      file_, ":1: required column", missing.size() > 1 ? "s" : "", " missing: ", absl::StrJoin(missing, ", "),
      "; there ", names_.size() == 1 ? "is " : "are ", Quoted(absl::StrJoin(names_, ", ")),
      limits_only ? "; a law with --no-penalty does without limits"
      : lengths_only
          ? "; a law with --no-context-factor --no-penalty does without prompts and limits, unless it is drawn"
          : ""));
}

// Passes over an index, a column without a name.
std::vector<std::string> ColumnMap::UnknownNames(absl::string_view used) const {
  std::vector<std::string> unknown;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const auto is_this = [i](std::size_t at) { return at == i; };
    if (names_[i].empty() || names_[i] == used || std::any_of(std::begin(number_at_), std::end(number_at_), is_this) ||
        std::any_of(std::begin(text_at_), std::end(text_at_), is_this)) {
      continue;
    }
    unknown.push_back(Quoted(names_[i]));
  }
  return unknown;
}

}  // namespace ctxfit
