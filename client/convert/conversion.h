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

// Which evaluations to convert.
struct ConversionSource {
  std::string folder;
  std::string models;               // path of a file for ReadModels()
  std::optional<std::string> task;  // the task of every row; unset: what the evaluation was of
};

// One file of an evaluation: what all of its instances have in common.
struct ConvertedRun {
  Model model;
  std::string cluster;
  std::string task;
  std::string shots;  // "" where it is not known
};

// A CSV file of observations, a row per scored instance.
class Conversion {
 public:
  void AddRow(const ConvertedRun& run, const std::string& item, double prompt_tokens, double score);

  // Notes that `count` of something were treated in a way that one may want to know of; nothing if it is 0.
  void AddNote(std::int64_t count, absl::string_view what, absl::string_view treatment);

  // The file, with its header.
  const std::string& csv() const { return csv_; }
  bool empty() const { return empty_; }
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::string csv_ =
      "training_compute_flops,prompt_tokens,context_limit_tokens,score,cluster,cluster_2,task,model,shots\n";
  bool empty_ = true;
  std::vector<std::string> notes_;
};

// `status`, which is not OK, with "PLACE: " before its message.
absl::Status AtPlace(absl::string_view place, const absl::Status& status);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_CONVERSION_H_
