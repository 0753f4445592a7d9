#include "client/text/flag_names.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ctxfit {
namespace {

// Fields with their flags. A field of several words goes before those that it begins with. Those of `options` may stand
// without this word if that leaves two.
constexpr std::pair<absl::string_view, absl::string_view> kFlags[] = {
    {"options.penalty.width_tokens", "--penalty-width"},
    {"options.penalty.width_ratio", "--penalty-width"},
    {"options.penalty.width", "--penalty-width"},
    {"options.penalty.fit_width", "--penalty-width fit"},
    {"options.penalty.onset_ratio", "--penalty-onset"},
    {"options.penalty.fit_onset", "--penalty-onset fit"},
    {"options.penalty.none", "--no-penalty"},
    {"options.compute_reference_flops", "--reference-compute"},
    {"options.prompt_reference_tokens", "--reference-prompt"},
    {"options.no_context_factor", "--no-context-factor"},
    {"options.floor.fitted", "--floor fit"},
    {"options.floor.value", "--floor"},
    {"options.floor.by_task", "--floor"},
    {"options.floor", "--floor"},
    {"options.ceiling.fitted", "--ceiling fit"},
    {"options.ceiling.value", "--ceiling"},
    {"options.ceiling.by_task", "--ceiling"},
    {"options.ceiling", "--ceiling"},
    {"options.bounds", "--bound"},
    {"options.fixed", "--fix"},
    {"options.loss", "--loss"},
    {"options.huber_threshold", "--huber-threshold"},
    {"options.seed", "--seed"},
    {"options.backend", "--backend"},
    {"options.search.candidates", "--candidates"},
    {"options.search.over", "--search-over"},
    {"options.bootstrap.replicates", "--replicates"},
    {"options.bootstrap.confidence", "--confidence"},
    {"options.bootstrap.global_replicates", "--global-replicates"},
    {"options.bootstrap.resampling", "--resample"},
    {"options.bootstrap.weights", "--weights"},
    {"options.bootstrap.omit_replicates", "--omit-replicates"},
    {"options.bootstrap.interval", "--interval"},
    {"options.profile_intervals", "--profile"},
    {"options.backtest", "--backtest"},
    {"observations.held_out", "--hold-out"},
    {"grid.training_compute_flops", "--compute"},
    {"grid.prompt_tokens", "--prompt"},
    {"grid.context_limit_tokens", "--context"},
    {"points.training_compute_flops", "--compute"},
    {"points.prompt_tokens", "--prompt"},
    {"points.context_limit_tokens", "--context"},
    {"training_compute.target_score", "--target"},
    {"training_compute.prompt_tokens", "--prompt"},
    {"training_compute.context_limit_tokens", "--context"},
    {"training_compute.budget_compute_flops", "--budget"},
    {"prompt_length.target_score", "--target"},
    {"prompt_length.training_compute_flops", "--compute"},
    {"prompt_length.context_limit_tokens", "--context"},
    {"prompt_length.budget_prompt_tokens", "--budget"},
    {"no_context_factor", "--no-context-factor"},
    {"huber_threshold", "--huber-threshold"},
    {"profile_intervals", "--profile"},
    {"new_mean_items", "--new-mean"},
    {"confidence", "--confidence"},
    {"folds", "--folds"},
    {"cuts", "--cut"},
};

bool IsInName(char c) { return absl::ascii_isalnum(c) || c == '_' || c == '.'; }

// Length of the field name that `text` begins with, without the full stop of a sentence.
std::size_t NameLength(absl::string_view text) {
  std::size_t length = std::find_if_not(text.begin(), text.end(), IsInName) - text.begin();
  while (length > 0 && text[length - 1] == '.') --length;
  return length;
}

// Returns the flag of a field, or of the list or map that it is a part of; "" if there is none.
absl::string_view FlagOf(absl::string_view name) {
  for (const auto& [field, flag] : kFlags) {
    if (name == field || absl::StartsWith(name, absl::StrCat(field, "."))) return flag;
    const absl::string_view within = absl::StripPrefix(field, "options.");
    if (name == within && absl::StrContains(within, '.')) return flag;
  }
  return "";
}

// Rewrites the index behind a field: a parameter or a task stays as a word, a number, the place in a list, goes.
std::string IndexText(absl::string_view index) {
  const bool is_number = !index.empty() && std::all_of(index.begin(), index.end(), absl::ascii_isdigit);
  if (is_number) return "";
  const bool is_quoted = index.size() >= 2 && index.front() == '"' && index.back() == '"';
  return absl::StrCat(" ", is_quoted ? index.substr(1, index.size() - 2) : index);
}

// Appends the rewritten field at the start of `text` to `result`. Returns the number of characters read, 0 if it is to
// be left as it is.
std::size_t RewriteField(absl::string_view text, bool at_start, std::string& result) {
  const std::size_t length = NameLength(text);
  const absl::string_view name = text.substr(0, length);
  const absl::string_view flag = FlagOf(name);
  const bool is_plain_word = !absl::StrContains(name, '.') && !absl::StrContains(name, '_');
  if (flag.empty() || (is_plain_word && !at_start)) {
    constexpr absl::string_view kObservations = "observations.";
    const bool is_column = absl::StartsWith(name, kObservations) && name.size() > kObservations.size();
    if (!is_column || text.substr(length, 1) == "[") return 0;
    absl::StrAppend(&result, "column ", name.substr(kObservations.size()));
    return length;
  }
  const std::size_t close = text.find(']', length);
  if (text.substr(length, 1) != "[" || close == absl::string_view::npos) {
    absl::StrAppend(&result, flag);
    constexpr absl::string_view kIsTrue = " = true";
    return absl::StartsWith(text.substr(length), kIsTrue) ? length + kIsTrue.size() : length;
  }
  const absl::string_view index = text.substr(length + 1, close - length - 1);
  const absl::string_view behind = text.substr(close + 1);
  // Floor and ceiling have flags of their own to hold them.
  if (name == "options.fixed" && (index == "floor" || index == "ceiling")) {
    absl::StrAppend(&result, "--", index);
  } else {
    absl::StrAppend(&result, flag, IndexText(index));
  }
  for (const absl::string_view member : {".value", ".name ="}) {
    if (absl::StartsWith(behind, member)) return close + 1 + member.size();
  }
  if (!absl::StartsWith(behind, ".") || NameLength(behind.substr(1)) == 0) return close + 1;
  result += ' ';
  return close + 2;
}

}  // namespace

std::string FlagOfOption(absl::string_view field) { return std::string(FlagOf(absl::StrCat("options.", field))); }

std::string NameFlags(absl::string_view message) {
  std::string result;
  for (std::size_t at = 0; at < message.size();) {
    const absl::string_view rest = message.substr(at);
    std::size_t read = RewriteField(rest, at == 0, result);
    if (read == 0) {
      read = std::max<std::size_t>(1, NameLength(rest));
      absl::StrAppend(&result, rest.substr(0, read));
    }
    at += read;
  }
  return result;
}

}  // namespace ctxfit
