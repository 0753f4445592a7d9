#include "client/convert/lm_eval_sample.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/convert/python_json.h"
#include "client/input/utf8.h"

namespace ctxfit {
namespace {

using nlohmann::json;

// Returns the names in the sample's list of metrics; none if it has no list.
std::vector<std::string> MetricsOf(const json& sample) {
  std::vector<std::string> names;
  for (const json& name : Member(sample, "metrics")) {
    if (name.is_string()) names.push_back(name);
  }
  return names;
}

absl::StatusOr<std::string> ChooseMetric(const json& sample, const LmEvalOptions& options) {
  const std::vector<std::string> names = MetricsOf(sample);
  if (options.metric && sample.contains(*options.metric)) return *options.metric;
  if (!options.metric && names.size() == 1) return names[0];
  const std::string has = names.empty() ? "does not say which it has" : "has " + absl::StrJoin(names, ", ");
  return absl::InvalidArgumentError(options.metric
                                        ? absl::StrCat("--metric ", *options.metric, ": the sample ", has)
                                        : absl::StrCat("metrics: choose one with --metric; the sample ", has));
}

// Counts the characters of a request's prompt: its first argument. Arguments are an array, or an object of arg_0, arg_1
// and so on; later ones are the continuation that is scored, or settings for generation.
std::size_t RequestCharacters(const json& request) {
  const json& text = request.is_array() && !request.empty() ? request[0] : Member(request, "arg_0");
  return text.is_string() ? CharacterCount(text.get_ref<const std::string&>()) : 0;
}

absl::StatusOr<double> PromptTokens(const json& sample, const LmEvalOptions& options) {
  for (const char* name : {"prompt_tokens", "prompt_length"}) {
    if (sample.contains(name)) return PromptTokensOf(name, sample[name]);
  }
  if (!options.tokens_per_character) {
    return absl::InvalidArgumentError(
        "the sample has neither prompt_tokens nor prompt_length: give --tokens-per-character to take them from the "
        "characters of its arguments");
  }
  std::size_t characters = 0;
  for (const json& request : Member(sample, "arguments")) {
    characters = std::max(characters, RequestCharacters(request));
  }
  if (characters > 0) return static_cast<double>(characters) * *options.tokens_per_character;
  return absl::InvalidArgumentError("arguments: must hold a request with text");
}

}  // namespace

absl::StatusOr<LmEvalSample> ReadLmEvalSample(const json& sample, const LmEvalOptions& options) {
  if (!sample.is_object()) return absl::InvalidArgumentError("the line is not a JSON object");
  const json& document = Member(sample, "doc_id");
  if (!document.is_number() && !document.is_string()) {
    return absl::InvalidArgumentError(absl::StrCat("doc_id = ", ValueText(document), ": must be a number or a text"));
  }
  const absl::StatusOr<std::string> metric = ChooseMetric(sample, options);
  if (!metric.ok()) return metric.status();
  const absl::StatusOr<double> score = ScoreOf(*metric, Member(sample, *metric));
  if (!score.ok()) return score.status();
  const absl::StatusOr<double> tokens = PromptTokens(sample, options);
  if (!tokens.ok()) return tokens.status();
  const json& filter = Member(sample, "filter");
  return LmEvalSample{document.is_string() ? document.get<std::string>() : document.dump(),
                      filter.is_string() ? filter.get<std::string>() : "", *tokens, *score};
}

}  // namespace ctxfit
