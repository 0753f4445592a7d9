#ifndef CTXFIT_CLIENT_TEXT_FLAG_NAMES_H_
#define CTXFIT_CLIENT_TEXT_FLAG_NAMES_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

// The flag of a field of FitOptions: "--replicates" of "bootstrap.replicates". The field must have a flag.
std::string FlagOfOption(absl::string_view field);

// Rewrites an error, a warning or a reason of the service, which names fields of ctxfit.v1, in the words of the command
// line: fields that a flag sets become the flag, and columns of observations lose their prefix.
// `options.bounds[floor].upper = 2` becomes `--bound floor upper = 2`, and `penalty.fit_onset = true` becomes
// `--penalty-onset fit`. Rows, as in `observations.score[17]`, are left for RowOrigins::Translate().
std::string NameFlags(absl::string_view message);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_FLAG_NAMES_H_
