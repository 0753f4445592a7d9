#ifndef CTXFIT_CLIENT_COMMAND_NUMBER_LIST_H_
#define CTXFIT_CLIENT_COMMAND_NUMBER_LIST_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ctxfit {

// Parses numbers and grids: "LOW:HIGH:COUNT" stands for COUNT numbers from LOW to HIGH, both included, evenly spaced on
// a logarithmic scale; 0 < LOW < HIGH, COUNT in [2, 10000]. INVALID_ARGUMENT names `flag` and the malformed text.
absl::StatusOr<std::vector<double>> ParseNumbers(const std::string& flag, const std::vector<std::string>& texts);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_NUMBER_LIST_H_
