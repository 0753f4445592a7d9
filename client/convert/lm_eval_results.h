#ifndef CTXFIT_CLIENT_CONVERT_LM_EVAL_RESULTS_H_
#define CTXFIT_CLIENT_CONVERT_LM_EVAL_RESULTS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// What the name of a samples file says: samples_{task}_{timestamp}.jsonl
struct SamplesName {
  std::string task;
  std::string timestamp;  // 2024-05-29T14-33-44.123456
};

// Takes a file name apart; the task may hold "_". Nothing if it is not the name of a samples file.
std::optional<SamplesName> ParseSamplesName(absl::string_view file_name);

// What results_{timestamp}.json says of a run of lm-evaluation-harness, as far as it does.
struct LmEvalResults {
  std::string model;                         // "" where it is not named
  std::map<std::string, std::string> shots;  // by task
};

// Reads the results file beside a samples file; where it names no model, or there is none, the model is what the folder
// is called. INVALID_ARGUMENT, with path, if it is not JSON.
absl::StatusOr<LmEvalResults> ReadLmEvalResults(const std::string& samples_path, const SamplesName& name);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_LM_EVAL_RESULTS_H_
