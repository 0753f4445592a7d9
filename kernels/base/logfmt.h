#ifndef CTXFIT_KERNELS_BASE_LOGFMT_H_
#define CTXFIT_KERNELS_BASE_LOGFMT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

// `text` in quotation marks, as the value of a key=value pair on one line.
inline std::string LogfmtQuoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted += '"';
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_LOGFMT_H_
