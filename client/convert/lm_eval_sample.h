#ifndef CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_
#define CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace ctxfit {

// Fields to use from the samples of lm-evaluation-harness.
struct LmEvalOptions {
  std::optional<std::string> metric;           // unset: the only one of each sample
  std::optional<std::string> filter;           // if samples occur once per filter; unset: the only one of each file
  std::optional<double> tokens_per_character;  // finite and > 0; for samples that state no prompt length
};

// One line of a samples file.
struct LmEvalSample {
  std::string document;  // doc_id
  std::string filter;    // "" if not named
  double prompt_tokens;
  double score;
};

// Reads a sample from its JSON. The prompt length is prompt_tokens or prompt_length, or else the number of characters
// of the longest request, without the continuations that a multiple-choice task scores, times `tokens_per_character`.
// INVALID_ARGUMENT, with field, value and rule, if there is no doc_id or no prompt length, or if the metric is missing,
// ambiguous or not in [0, 1].
absl::StatusOr<LmEvalSample> ReadLmEvalSample(const nlohmann::json& sample, const LmEvalOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_
