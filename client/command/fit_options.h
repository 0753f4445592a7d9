#ifndef CTXFIT_CLIENT_COMMAND_FIT_OPTIONS_H_
#define CTXFIT_CLIENT_COMMAND_FIT_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/law.pb.h"

namespace ctxfit {

// What the command line says about the penalty, in its own spelling.
struct PenaltyArguments {
  std::string width;  // "TOKENS", "PERCENT%" or "fit"; "" where not given
  std::string onset;  // "RATIO" or "fit"; "" where not given
  bool none = false;  // --no-penalty
};

// INVALID_ARGUMENT if a width or an onset is not written as above, or is given together with --no-penalty.
absl::StatusOr<v1::Penalty> ParsePenalty(const PenaltyArguments& arguments);

// Reads "SCORE", "TASK=SCORE" and "fit", as --floor and --ceiling take them. INVALID_ARGUMENT if one is written
// otherwise.
absl::StatusOr<v1::Asymptote> ParseAsymptote(const std::string& flag, const std::vector<std::string>& texts);

// Reads "NAME=VALUE", as --fix takes it. INVALID_ARGUMENT if it is written otherwise; names and ranges are the
// service's to check.
absl::StatusOr<v1::FixedParameter> ParseFixed(const std::string& text);

// Reads "NAME=LOW:HIGH", as --bound takes it. INVALID_ARGUMENT if it is written otherwise.
absl::StatusOr<v1::Bound> ParseBound(const std::string& text);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_FIT_OPTIONS_H_
