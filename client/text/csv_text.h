#ifndef CTXFIT_CLIENT_TEXT_CSV_TEXT_H_
#define CTXFIT_CLIENT_TEXT_CSV_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

// A field of a CSV file, with quotes around it where RFC 4180 wants them.
std::string CsvField(absl::string_view text);

// The shortest digits that give the same number back.
std::string ExactNumber(double value);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_CSV_TEXT_H_
