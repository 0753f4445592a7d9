#ifndef CTXFIT_CLIENT_INPUT_COLUMN_MAP_H_
#define CTXFIT_CLIENT_INPUT_COLUMN_MAP_H_

#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/input/observation_columns.h"

namespace ctxfit {

// Returns the known column that `name` stands for: that of the same name but for capitals, spaces and hyphens. "" if it
// is another.
absl::string_view KnownName(absl::string_view name);

// The columns of one file, and where the known ones are among them.
class ColumnMap {
 public:
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  // `file` is its name for messages. `needs_prompts` and `needs_limits` make prompt_tokens and context_limit_tokens
  // required.
  ColumnMap(std::string file, bool needs_prompts, bool needs_limits);

  // Takes the columns of a header, and gives known names to those that stand for them; a column of the known name
  // itself goes before any other. INVALID_ARGUMENT if two stand for one, or a required one is missing.
  absl::Status Read(const std::vector<std::string>& columns);

  // Takes a column behind the header.
  void Append(const std::string& column);

  // Names of the columns, known ones as ctxfit spells them.
  const std::vector<std::string>& names() const { return names_; }

  // Position of an element of kNumberColumns or kTextColumns among the columns; kAbsent if the file lacks it.
  std::size_t number_at(std::size_t index) const { return number_at_[index]; }
  std::size_t text_at(std::size_t index) const { return text_at_[index]; }

  // Returns notes of columns that are read by another name, and of those that are not used; `used` is one that is.
  std::vector<std::string> Notes(absl::string_view used) const;

 private:
  std::size_t Find(absl::string_view name) const;
  void Rename(std::size_t at, absl::string_view known);
  void Locate();
  absl::Status CheckRequired() const;
  std::vector<std::string> UnknownNames(absl::string_view used) const;

  std::string file_;
  bool needs_prompts_;
  bool needs_limits_;
  std::vector<std::string> names_;
  std::vector<std::string> renamed_;
  std::size_t number_at_[std::size(kNumberColumns)] = {};
  std::size_t text_at_[std::size(kTextColumns)] = {};
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_COLUMN_MAP_H_
