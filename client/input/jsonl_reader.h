#ifndef CTXFIT_CLIENT_INPUT_JSONL_READER_H_
#define CTXFIT_CLIENT_INPUT_JSONL_READER_H_

#include "absl/status/status.h"
#include "client/input/row_sink.h"
#include "client/input/text_input.h"

namespace ctxfit {

// Reads JSON Lines: one flat object of numbers, strings, booleans and nulls per line. The first object names the
// columns; later ones may omit some, which reads as null, but may not add new ones. Numbers keep their spelling. Empty
// lines are skipped. INVALID_ARGUMENT, with file and line, if a line is anything else; and the errors of `input` and
// `sink`.
absl::Status ReadJsonl(TextInput& input, RowSink& sink);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_JSONL_READER_H_
