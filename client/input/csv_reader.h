#ifndef CTXFIT_CLIENT_INPUT_CSV_READER_H_
#define CTXFIT_CLIENT_INPUT_CSV_READER_H_

#include "absl/status/status.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"

namespace ctxfit {

// Reads comma-separated values (RFC 4180) with a header line. Empty lines are skipped. INVALID_ARGUMENT, with file and
// line, if there is no header, a column has no name or a repeated one, a row has more or fewer fields than
// the header, or quotes are misplaced; and the errors of `input` and `sink`.
absl::Status ReadCsv(TextInput& input, RowSink& sink);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_CSV_READER_H_
