#ifndef CTXFIT_CLIENT_TEXT_CSV_TEXT_H_
#define CTXFIT_CLIENT_TEXT_CSV_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

// Formats a field of a CSV file, in quotes if RFC 4180 requires them.
std::string CsvField(absl::string_view text);

// Formats a number with the fewest digits that parse to the same double.
std::string ExactNumber(double value);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_CSV_TEXT_H_
