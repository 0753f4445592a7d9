#ifndef CTXFIT_CLIENT_COMMAND_CONVERT_ARGUMENTS_H_
#define CTXFIT_CLIENT_COMMAND_CONVERT_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <functional>

#include "absl/status/status.h"

namespace ctxfit {

// Adds `ctxfit convert` to `app`. After a parse that chooses it, `run` runs it, see DefineCommands().
void DefineConvert(CLI::App& app, std::function<absl::Status()>& run);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_CONVERT_ARGUMENTS_H_
