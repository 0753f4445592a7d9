#ifndef CTXFIT_CLIENT_COMMAND_ARGUMENTS_H_
#define CTXFIT_CLIENT_COMMAND_ARGUMENTS_H_

#include <CLI/CLI.hpp>
#include <functional>

#include "absl/status/status.h"

namespace ctxfit {

// Sets up the command line of ctxfit on `app`. Parsing with `app` throws CLI::ParseError; after a parse, `run` is the
// command that was chosen, with its arguments. `app` and `run` outlive each other's use.
void DefineCommands(CLI::App& app, std::function<absl::Status()>& run);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_ARGUMENTS_H_
