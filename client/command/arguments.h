#ifndef CTXFIT_CLIENT_COMMAND_ARGUMENTS_H_
#define CTXFIT_CLIENT_COMMAND_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <functional>

#include "absl/status/status.h"

namespace ctxfit {

// Defines the command line of ctxfit on `app`. Parsing with `app` throws CLI::ParseError; after a parse, `run` runs the
// chosen command with its arguments. `run` must outlive `app`.
void DefineCommands(CLI::App& app, std::function<absl::Status()>& run);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_ARGUMENTS_H_
