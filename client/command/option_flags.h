#ifndef CTXFIT_CLIENT_COMMAND_OPTION_FLAGS_H_
#define CTXFIT_CLIENT_COMMAND_OPTION_FLAGS_H_

#include <CLI/CLI.hpp>

#include "absl/types/span.h"
#include "ctxfit/v1/options.pb.h"

// Flags that each set one field of FitOptions. A table row is all that such a flag takes: its field gives its name
// (flag_names.h), the type, the names of enumerators and the default.

namespace ctxfit {

struct OptionFlag {
  const char* field;  // path of a number, a bool or an enumerator in FitOptions: "bootstrap.replicates"
  const char* value;  // placeholder of a number in --help; "" for other types
  const char* help;
  const char* default_text = "";  // the default in words; "" prints DefaultFitOptions()'s, or nothing for a bool
};

// Adds `flags` to `command`. Parsing sets the fields of `options`, which must outlive `command`.
void AddOptionFlags(CLI::App& command, absl::Span<const OptionFlag> flags, v1::FitOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_OPTION_FLAGS_H_
