#ifndef CTXFIT_CLIENT_CONVERT_CONVERSION_H_
#define CTXFIT_CLIENT_CONVERT_CONVERSION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/convert/models.h"

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

// A CSV file of observations, one row per scored instance, and notes on how it was made.
class Conversion {
 public:
  void AddRow(const ConvertedRun& run, const std::string& item, double prompt_tokens, double score);

  // Adds a note, such as "3 files left out", unless `count` is 0. `noun` is singular.
  void AddNote(std::int64_t count, absl::string_view noun, absl::string_view treatment);

  // Text of the file, with its header.
  const std::string& csv() const { return csv_; }
  bool empty() const { return empty_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::string csv_ =
      "training_compute_flops,prompt_tokens,context_limit_tokens,score,cluster,cluster_2,task,model,shots\n";
  bool empty_ = true;
  std::vector<std::string> notes_;
};

// Returns `status`, which must not be OK, with "PLACE: " prepended to its message.
absl::Status AtPlace(absl::string_view place, const absl::Status& status);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_CONVERSION_H_
