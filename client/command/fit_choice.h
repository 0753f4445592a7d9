#ifndef CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_
#define CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/command/commands.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "ctxfit/v1/options.pb.h"

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

VariablesUsed FindVariablesUsed(const v1::FitOptions& options);

// The variables that the law of any of `fits` uses.
VariablesUsed FindVariablesUsed(const std::vector<const v1::Fit*>& fits);

// Returns `values`, or a stand-in if there are none: the service wants a value of a variable even where the law of a
// question does not use it. Commands take the stand-in out of the answer again.
inline std::vector<double> OrUnused(const std::vector<double>& values) {
  return values.empty() ? std::vector<double>{1} : values;
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_FIT_CHOICE_H_
