#ifndef CTXFIT_CLIENT_INPUT_JSONL_READER_H_
#define CTXFIT_CLIENT_INPUT_JSONL_READER_H_

#include "absl/status/status.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"

namespace ctxfit {

// Reads JSON Lines: one object of numbers, strings, booleans and nulls per line. The first object names the columns;
// later ones may omit some, which reads as null, and add some. An array or object inside a column that `sink` does not
// use reads as "[...]" or "{...}". Numbers keep their spelling. Empty lines are skipped. INVALID_ARGUMENT, with file
// and line, if a line is anything else, such as part of a longer document; and the errors of `input` and `sink`.
absl::Status ReadJsonl(TextInput& input, RowSink& sink);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_JSONL_READER_H_
