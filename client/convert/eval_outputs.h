#ifndef CTXFIT_CLIENT_CONVERT_EVAL_OUTPUTS_H_
#define CTXFIT_CLIENT_CONVERT_EVAL_OUTPUTS_H_

#include "absl/status/statusor.h"
#include "client/convert/conversion.h"

namespace ctxfit {

// Converts what the evaluation code of arXiv 2510.14919 writes: one JSON file per run, see ParseRunName().
//
// The cluster of a row is its run, since all items of a run share their shots. Its second cluster is the item: the
// run's dataset, module, shots and seed and the position in the file, since the ids in the files are not unique. Models
// whose tokenizers let other items pass have other items at a position: items with another text are other items.
// Runs without a metric and instances without a score are left out, and counted in the notes, as are .json files that
// are no run. INVALID_ARGUMENT, with file, instance (counted from 0, as in the file), value and rule, for unusable
// files, numbers and models, for a run that is there twice, and if no scored instance is left.
absl::StatusOr<Conversion> ConvertEvalOutputs(const ConversionSource& source);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_EVAL_OUTPUTS_H_
