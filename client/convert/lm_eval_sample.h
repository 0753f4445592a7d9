#ifndef CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_
#define CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace ctxfit {

// What to take from the samples of lm-evaluation-harness.
struct LmEvalOptions {
  std::optional<std::string> metric;           // unset: the only one of a sample
  std::optional<std::string> filter;           // where samples are there once per filter; unset: the only one of a file
  std::optional<double> tokens_per_character;  // finite and > 0; for samples that do not say how long they are
};

// One line of a samples file.
struct LmEvalSample {
  std::string document;  // doc_id
  std::string filter;    // "" where it is not named
  double prompt_tokens;
  double score;
};

// Takes a sample from its JSON. Its prompt length is its prompt_tokens or prompt_length, else the characters of its
// longest request, the continuations that a multiple-choice task scores left out, times `tokens_per_character`.
// INVALID_ARGUMENT, with field, value and rule, if there is no doc_id, if the metric is not there, or is to be chosen,
// or is not in [0, 1], or if there is no prompt length.
absl::StatusOr<LmEvalSample> ReadLmEvalSample(const nlohmann::json& sample, const LmEvalOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_
