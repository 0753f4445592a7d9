#ifndef CTXFIT_CLIENT_INPUT_DIALECT_H_
#define CTXFIT_CLIENT_INPUT_DIALECT_H_

#include <string>

#include "absl/strings/string_view.h"

// Recognises tables and numbers that are written in another way than ctxfit reads.

namespace ctxfit {

// Returns the separator of the fields in the header line of a table: ',', or '\t' or ';' if the line has these alone.
char SeparatorOf(absl::string_view header);

// Returns "UTF-16" or "" by the first bytes of a file.
absl::string_view WideEncodingOf(absl::string_view first_bytes);

// Returns the name of a format that is not text, with a remedy, by the first bytes of a file; "" if they are text's.
absl::string_view BinaryFormatOf(absl::string_view first_bytes);

// Returns the name of a column as ctxfit spells names: in small letters, with "_" in place of spaces and hyphens.
std::string SnakeCase(absl::string_view name);

// Returns the remedy for a field that is no number because of its notation (decimal commas or thousands separators, a
// unit such as "16k", a percent sign), with a leading "; "; "" if it is something else.
std::string NumberRemedy(absl::string_view field);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_DIALECT_H_
