#ifndef CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_
#define CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ctxfit {

// Fields to use from the evaluations of lm-evaluation-harness. Names are chosen by ChooseName(); where none is chosen
// for a task, its metric is the only one of each sample, and its filter the only one of each file.
struct LmEvalOptions {
  std::vector<std::string> metrics;
  std::vector<std::string> filters;            // for files that hold every document once per filter
  std::optional<double> tokens_per_character;  // finite and > 0; for samples that state no prompt length
  bool keep_truncated = false;                 // keep samples whose prompt the harness cut
};

// INVALID_ARGUMENT, by CheckTasks(), if a metric or a filter is chosen for a task that is not among `tasks`.
absl::Status CheckChoices(const LmEvalOptions& options, const std::set<std::string>& tasks);

// One line of a samples file.
struct LmEvalSample {
  std::string document;  // doc_id
  std::string filter;    // "" if not named
  double prompt_tokens;
  std::optional<double> score;  // unset if the harness wrote -1, its mark of a metric that does not apply
  double answer_tokens = 0;     // that the harness kept free behind the prompt (max_gen_toks); 0 if it kept none
};

// Reads a sample of `task` from its JSON. The prompt length is prompt_tokens or prompt_length, or else `length` of a
// document of RULER, or else the number of characters of the longest request, without the continuations that a
// multiple-choice task scores, times `tokens_per_character`. The metric of a document of RULER is the one named as its
// `max_length`, unless the options choose another that the document has. INVALID_ARGUMENT, with field, value and rule,
// if there is no doc_id or no prompt length, or if the metric is missing, ambiguous or not in [0, 1].
absl::StatusOr<LmEvalSample> ReadLmEvalSample(const nlohmann::json& sample, const std::string& task,
                                              const LmEvalOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_LM_EVAL_SAMPLE_H_
