#ifndef CTXFIT_CLIENT_TEXT_WARNING_LINES_H_
#define CTXFIT_CLIENT_TEXT_WARNING_LINES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"

namespace ctxfit {

// Formats warnings of the service in the words of the command line (NameFlags()), each after "  ! " and `about`: "" or
// the name of what it is about. Ends with a newline unless there are none.
std::string WarningLines(absl::string_view about, const google::protobuf::RepeatedPtrField<std::string>& warnings);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_WARNING_LINES_H_
