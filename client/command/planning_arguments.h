#ifndef CTXFIT_CLIENT_COMMAND_PLANNING_ARGUMENTS_H_
#define CTXFIT_CLIENT_COMMAND_PLANNING_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <functional>

#include "absl/status/status.h"

// The commands that answer from a fit.

namespace ctxfit {

// Add `ctxfit show`, `predict`, `solve` and `evaluate` to `app`. After a parse that chooses one, `run` runs it, see
// DefineCommands().
void DefineShow(CLI::App& app, std::function<absl::Status()>& run);
void DefinePredict(CLI::App& app, std::function<absl::Status()>& run);
void DefineSolve(CLI::App& app, std::function<absl::Status()>& run);
void DefineEvaluate(CLI::App& app, std::function<absl::Status()>& run);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_PLANNING_ARGUMENTS_H_
