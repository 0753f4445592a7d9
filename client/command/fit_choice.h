#ifndef CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_
#define CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/command/commands.h"
#include "ctxfit/v1/fitting_service.pb.h"

namespace ctxfit {

// Selects from `response`, which was read from `path`, the fit of `task`, or every fit if `task` is unset.
// INVALID_ARGUMENT if there is no such task, or if several fits are to be printed as one JSON document.
absl::StatusOr<std::vector<const v1::Fit*>> ChooseFits(const v1::FitResponse& response, const std::string& path,
                                                       const std::optional<std::string>& task, OutputFormat format);

// True for the variables that a law uses: limits only with a penalty, prompts with one or with a context factor.
struct VariablesUsed {
  bool prompts = false;
  bool limits = false;
};

// The variables that the law of any fit in `response` uses.
VariablesUsed FindVariablesUsed(const v1::FitResponse& response);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_
