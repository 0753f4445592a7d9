#ifndef CTXFIT_KERNELS_LAW_OPTION_ERROR_H_
#define CTXFIT_KERNELS_LAW_OPTION_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// INVALID_ARGUMENT for a field of the options of a fit: "options.bootstrap.confidence = 1.5: must be in (0, 1)".
absl::Status OptionError(absl::string_view field, double value, absl::string_view rule);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_OPTION_ERROR_H_
