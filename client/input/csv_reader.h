#ifndef CTXFIT_CLIENT_INPUT_CSV_READER_H_
#define CTXFIT_CLIENT_INPUT_CSV_READER_H_

#include "absl/status/status.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"

namespace ctxfit {

// Reads comma-separated values (RFC 4180) with a header line, or tab-separated ones if the header has tabs and no
// commas. Empty lines are skipped. The first column may lack a name, as indices do. INVALID_ARGUMENT, with file and
// line, if there is no header, semicolons separate the fields, another column has no name, a name is repeated, a row
// has more or fewer fields than the header, or quotes are misplaced; and the errors of `input` and `sink`.
absl::Status ReadCsv(TextInput& input, RowSink& sink);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_CSV_READER_H_
