#ifndef CTXFIT_CLIENT_CONVERT_LM_EVAL_RESULTS_H_
#define CTXFIT_CLIENT_CONVERT_LM_EVAL_RESULTS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// Parts of the name of a samples file, samples_{task}_{timestamp}.jsonl.
struct SamplesName {
  std::string task;
  std::string timestamp;  // 2024-05-29T14-33-44.123456
};

// Parses a file name; the task may contain "_". Nothing if it is not the name of a samples file.
std::optional<SamplesName> ParseSamplesName(absl::string_view file_name);

// Facts about a run of lm-evaluation-harness from results_{timestamp}.json, as far as the file states them.
struct LmEvalResults {
  std::string model;                         // "" if not named
  std::map<std::string, std::string> shots;  // by task
  std::optional<double> max_length;          // tokens of a prompt and its answer together; prompts are cut to it
};

// True for the name of a results file: results_{timestamp}.json, or NAME_{timestamp}.json where the harness was given
// NAME.json as its --output_path.
bool IsResultsName(absl::string_view file_name);

// Reads a results file. If it is not there, or names no model, the name of its folder is the model. INVALID_ARGUMENT,
// with path, if it is not JSON.
absl::StatusOr<LmEvalResults> ReadLmEvalResults(const std::string& path);

// Reads the results file of a samples file: the one of the same timestamp in its folder.
absl::StatusOr<LmEvalResults> ReadLmEvalResults(const std::string& samples_path, const SamplesName& name);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_LM_EVAL_RESULTS_H_
