#include "client/convert/lm_eval_sample.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/convert/name_choices.h"
#include "client/convert/python_json.h"
#include "client/input/utf8.h"
#include "kernels/base/status_macros.h"

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

// Returns the length that a document of RULER was made for, which names its metric; "" for other documents. The
// harness writes -1 for every other length of a fixed list.
std::string RulerLength(const json& sample, const std::vector<std::string>& metrics) {
  const auto is_length = [](const std::string& name) {
    return std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
  };
  const json& length = Member(Member(sample, "doc"), "max_length");
  return length.is_number_integer() && std::all_of(metrics.begin(), metrics.end(), is_length) ? length.dump() : "";
}

// Returns the names of all members: a metric may be there and not in the list of metrics.
std::vector<std::string> MembersOf(const json& sample) {
  std::vector<std::string> names;
  for (const auto& [name, value] : sample.items()) names.push_back(name);
  return names;
}

absl::StatusOr<std::string> ChooseMetric(const json& sample, const std::string& task, const LmEvalOptions& options) {
  const std::vector<std::string> names = MetricsOf(sample);
  if (const auto chosen = ChooseName(options.metrics, task, MembersOf(sample))) return *chosen;
  // A metric for all tasks is not meant for documents of RULER that lack it.
  const std::string length = RulerLength(sample, names);
  const bool has_length = !length.empty() && sample.contains(length);
  if (has_length && !IsChosenForTask(options.metrics, task)) return length;
  const bool is_chosen = IsChosen(options.metrics, task);
  if (names.size() == 1 && !is_chosen) return names[0];
  const std::string has = names.empty() ? "does not say which it has" : "has " + absl::StrJoin(names, ", ");
  return absl::InvalidArgumentError(
      is_chosen ? absl::StrCat("--metric ", absl::StrJoin(options.metrics, ", "), ": the sample ", has,
                               "; choose one for its task alone with --metric ", task, "=NAME")
                : absl::StrCat("metrics: choose one with --metric; the sample ", has));
}

// Returns the tokens that the harness kept free for the answer: max_gen_toks of a request's settings.
double AnswerTokens(const json& sample) {
  double tokens = 0;
  for (const json& request : Member(sample, "arguments")) {
    const json& settings = request.is_array() && request.size() > 1 ? request[1] : Member(request, "arg_1");
    const json& answer = Member(settings, "max_gen_toks");
    if (answer.is_number()) tokens = std::max(tokens, answer.get<double>());
  }
  return tokens;
}

// Counts the characters of the messages of a chat, given as the text of their JSON.
std::size_t ChatCharacters(const std::string& text) {
  const absl::StatusOr<json> messages = ParsePythonJson(text);
  if (!messages.ok()) return CharacterCount(text);
  std::size_t characters = 0;
  for (const json& message : *messages) {
    const json& content = Member(message, "content");
    if (content.is_string()) characters += CharacterCount(content.get_ref<const std::string&>());
  }
  return characters;
}

// Counts the characters of a request's prompt: its first argument, of a chat an array of one text. Arguments are an
// array, or an object of arg_0, arg_1 and so on; later ones are the continuation that is scored, or settings for
// generation.
std::size_t RequestCharacters(const json& request) {
  const json& text = request.is_array() && !request.empty() ? request[0] : Member(request, "arg_0");
  if (text.is_array() && text.size() == 1 && text[0].is_string()) return ChatCharacters(text[0]);
  return text.is_string() ? CharacterCount(text.get_ref<const std::string&>()) : 0;
}

// The length of a document of RULER in tokens, those kept free for the answer included; null if it has none.
const json& RulerTokens(const json& sample) {
  static const json* const kNone = new json();
  const json& length = Member(Member(sample, "doc"), "length");
  const bool is_length = length.is_number() && length.get<double>() > 0;  // -1 in data without lengths
  return is_length && !RulerLength(sample, MetricsOf(sample)).empty() ? length : *kNone;
}

bool StatesPromptTokens(const json& sample) {
  return sample.contains("prompt_tokens") || sample.contains("prompt_length");
}

absl::StatusOr<double> PromptTokens(const json& sample, const LmEvalOptions& options) {
  for (const char* name : {"prompt_tokens", "prompt_length"}) {
    if (sample.contains(name)) return PromptTokensOf(name, sample[name]);
  }
  if (const json& length = RulerTokens(sample); !length.is_null()) return PromptTokensOf("doc.length", length);
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

absl::Status CheckChoices(const LmEvalOptions& options, const std::set<std::string>& tasks) {
  CTXFIT_RETURN_IF_ERROR(CheckTasks("--metric", options.metrics, tasks));
  return CheckTasks("--filter", options.filters, tasks);
}

absl::StatusOr<LmEvalSample> ReadLmEvalSample(const json& sample, const std::string& task,
                                              const LmEvalOptions& options) {
  if (!sample.is_object()) return absl::InvalidArgumentError("the line is not a JSON object");
  const json& document = Member(sample, "doc_id");
  if (!document.is_number() && !document.is_string()) {
    return absl::InvalidArgumentError(absl::StrCat("doc_id = ", ValueText(document), ": must be a number or a text"));
  }
  CTXFIT_ASSIGN_OR_RETURN(const std::string metric, ChooseMetric(sample, task, options));
  CTXFIT_ASSIGN_OR_RETURN(const double tokens, PromptTokens(sample, options));
  const json& filter = Member(sample, "filter");
  LmEvalSample read = {document.is_string() ? document.get<std::string>() : document.dump(),
                       filter.is_string() ? filter.get<std::string>() : "",
                       tokens,
                       {}};
  // The length of a document of RULER has the tokens of the answer in it.
  if (StatesPromptTokens(sample) || RulerTokens(sample).is_null()) read.answer_tokens = AnswerTokens(sample);
  const json& value = Member(sample, metric);
  if (value == -1) return read;
  CTXFIT_ASSIGN_OR_RETURN(read.score, ScoreOf(metric, value));
  return read;
}

}  // namespace ctxfit
