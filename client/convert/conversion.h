#ifndef CTXFIT_CLIENT_CONVERT_CONVERSION_H_
#define CTXFIT_CLIENT_CONVERT_CONVERSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/convert/models.h"
#include "client/convert/unit_tally.h"

namespace ctxfit {

// Evaluations to convert.
struct ConversionSource {
  std::string folder;
  std::string models;               // path of a file for ReadModels()
  std::optional<std::string> task;  // task of every row; unset: as the evaluation names it
};

// Fields that all instances in one file of an evaluation share.
struct ConvertedRun {
  Model model;
  std::string cluster;
  std::string task;
  std::string shots;  // "" if unknown
};

// A scored instance, or the mean of many.
struct ConvertedRow {
  std::string item;                     // "" for a mean
  std::optional<double> prompt_tokens;  // unset if unknown
  double score;
  std::optional<double> weight = {};    // number of instances behind a mean
  std::optional<double> variance = {};  // variance of the scores of these instances
  bool truncated = false;               // true if the model was given the end of its prompt only
};

// Optional columns of a conversion; every row must have those that there are.
struct ConversionColumns {
  bool prompts = true;
  bool items = true;
  bool weights = false;
  bool variances = false;
  bool truncated = false;
};

// A CSV file of observations and notes on how it was made.
class Conversion {
 public:
  explicit Conversion(const ConversionColumns& columns = {});

  void AddRow(const ConvertedRun& run, const ConvertedRow& row);

  // Adds a note, such as "3 files left out", unless `count` is 0. `noun` is singular, and `treatment` fits any count.
  void AddNote(std::int64_t count, absl::string_view noun, absl::string_view treatment);

  // Describes which rows err together, once all are added.
  void DescribeUnits(const ConvertedUnits& units) { units_text_ = units_.Describe(units); }

  // Text of the file, with its header.
  const std::string& csv() const { return csv_; }
  bool empty() const { return empty_; }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::string& units_text() const { return units_text_; }

 private:
  ConversionColumns columns_;
  std::string csv_;
  bool empty_ = true;
  std::vector<std::string> notes_;
  UnitTally units_;
  std::string units_text_;
};

// Returns `status`, which must not be OK, with "PLACE: " prepended to its message.
absl::Status AtPlace(absl::string_view place, const absl::Status& status);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_CONVERSION_H_
