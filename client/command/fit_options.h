#ifndef CTXFIT_CLIENT_COMMAND_FIT_OPTIONS_H_
#define CTXFIT_CLIENT_COMMAND_FIT_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/law.pb.h"

namespace ctxfit {

// Values of the penalty's flags, as written on the command line.
struct PenaltyArguments {
  std::string width;  // "TOKENS", "PERCENT%" or "fit"; "" if not given
  std::string onset;  // "RATIO" or "fit"; "" if not given
  bool none = false;  // --no-penalty
};

// Parses the penalty's flags. INVALID_ARGUMENT if a width or an onset is malformed, or given together with
// --no-penalty.
absl::StatusOr<v1::Penalty> ParsePenalty(const PenaltyArguments& arguments);

// Parses the values of --floor or --ceiling: "SCORE", "TASK=SCORE" or "fit". INVALID_ARGUMENT if one is malformed.
absl::StatusOr<v1::Asymptote> ParseAsymptote(const std::string& flag, const std::vector<std::string>& texts);

// Parses a value of --fix: "NAME=VALUE". INVALID_ARGUMENT if it is malformed; the service checks names and ranges.
absl::StatusOr<v1::FixedParameter> ParseFixed(const std::string& text);

// Parses a value of --bound: "NAME=LOW:HIGH". INVALID_ARGUMENT if it is malformed; the service checks names and ranges.
absl::StatusOr<v1::Bound> ParseBound(const std::string& text);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_FIT_OPTIONS_H_
