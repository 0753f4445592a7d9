#include "kernels/law/option_error.h"

#include "absl/strings/str_cat.h"
#include "kernels/base/exact_text.h"

namespace ctxfit {

absl::Status OptionError(absl::string_view field, double value, absl::string_view rule) {
  return absl::InvalidArgumentError(absl::StrCat("options.", field, " = ", ExactText(value), ": must be ", rule));
}

}  // namespace ctxfit
