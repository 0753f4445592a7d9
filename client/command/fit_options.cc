#include "client/command/fit_options.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/input/utf8.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

absl::Status ArgumentError(absl::string_view flag, absl::string_view text, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat(flag, " ", Quoted(text), ": must be ", rule));
}

constexpr absl::string_view kFitted = "fit";

// Parses --penalty-width into the field of its unit.
absl::Status ParseWidth(absl::string_view text, v1::Penalty& penalty) {
  if (text == kFitted) {
    penalty.set_fit_width(true);
    return absl::OkStatus();
  }
  absl::string_view number = text;
  const bool percent = absl::ConsumeSuffix(&number, "%");
  double value = 0;
  if (!absl::SimpleAtod(number, &value)) {
    return ArgumentError("--penalty-width", text,
                         "a number of tokens, a share of the context limit as \"10%\", or \"fit\"");
  }
  if (percent) {
    penalty.set_width_ratio(value / 100);
  } else {
    penalty.set_width_tokens(value);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Penalty> ParsePenalty(const PenaltyArguments& arguments) {
  v1::Penalty penalty;
  if (arguments.none) {
    if (!arguments.width.empty() || !arguments.onset.empty()) {
      return absl::InvalidArgumentError("--no-penalty: excludes --penalty-width and --penalty-onset");
    }
    penalty.set_none(true);
    return penalty;
  }
  if (!arguments.width.empty()) CTXFIT_RETURN_IF_ERROR(ParseWidth(arguments.width, penalty));
  if (!arguments.onset.empty()) {
    double ratio = 0;
    if (arguments.onset == kFitted) {
      penalty.set_fit_onset(true);
    } else if (absl::SimpleAtod(arguments.onset, &ratio)) {
      penalty.set_onset_ratio(ratio);
    } else {
      return ArgumentError("--penalty-onset", arguments.onset,
                           "a number, the multiple of the context limit, or \"fit\"");
    }
  }
  return penalty;
}

absl::StatusOr<v1::Asymptote> ParseAsymptote(const std::string& flag, const std::vector<std::string>& texts) {
  v1::Asymptote asymptote;
  for (const std::string& text : texts) {
    if (text == kFitted) {
      asymptote.set_fitted(true);
      continue;
    }
    const std::size_t split = text.rfind('=');
    double value = 0;
    if (!absl::SimpleAtod(split == std::string::npos ? text : text.substr(split + 1), &value)) {
      return ArgumentError(flag, text, "a score, TASK=SCORE, or \"fit\"");
    }
    if (split == std::string::npos) {
      asymptote.set_value(value);
    } else {
      (*asymptote.mutable_by_task())[text.substr(0, split)] = value;
    }
  }
  return asymptote;
}

absl::StatusOr<v1::FixedParameter> ParseFixed(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  double value = 0;
  if (parts.first.empty() || !absl::SimpleAtod(parts.second, &value)) {
    return ArgumentError("--fix", text, "NAME=VALUE, as compute_exponent=0.5");
  }
  v1::FixedParameter fixed;
  fixed.set_name(parts.first);
  fixed.set_value(value);
  return fixed;
}

absl::StatusOr<v1::Bound> ParseBound(const std::string& text) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const std::pair<std::string, std::string> ends = absl::StrSplit(parts.second, absl::MaxSplits(':', 1));
  double lower = 0;
  double upper = 0;
  if (parts.first.empty() || !absl::SimpleAtod(ends.first, &lower) || !absl::SimpleAtod(ends.second, &upper)) {
    return ArgumentError("--bound", text, "NAME=LOW:HIGH, as compute_exponent=0:2");
  }
  v1::Bound bound;
  bound.set_name(parts.first);
  bound.set_lower(lower);
  bound.set_upper(upper);
  return bound;
}

}  // namespace ctxfit
