#ifndef CTXFIT_CLIENT_CONVERT_EVAL_OUTPUTS_H_
#define CTXFIT_CLIENT_CONVERT_EVAL_OUTPUTS_H_

#include "absl/status/statusor.h"
#include "client/convert/conversion.h"
#include "client/convert/unit_tally.h"

namespace ctxfit {

// Selects the output of the evaluation code of arXiv 2510.14919, whose conversion has no options.
struct EvalOutputsOptions {};

// A run is a file: one model, one data set, one number of shots and one seed.
inline constexpr ConvertedUnits kEvalOutputsUnits = {"a run, whose items share their shots",
                                                     "further runs of these models on these items"};

// Converts the output of the evaluation code of arXiv 2510.14919: one JSON file per run, see ParseRunName().
//
// The cluster of a row is its run, since all items of a run share their shots. Its second cluster is the item,
// identified by the run's dataset, module, shots and seed and the position in the file, since the ids in the files are
// not unique. Models may have different items at one position, because their tokenizers admit different ones: an item
// with a different text is a different item. Runs without a metric, instances without a score and .json files that are
// no run are left out, and counted in the notes. INVALID_ARGUMENT, with file, instance (counted from 0, as in the
// file), value and rule, for unusable files, numbers and models, for a run that occurs twice, and if no scored instance
// is left.
absl::StatusOr<Conversion> ConvertEvalOutputs(const ConversionSource& source);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_EVAL_OUTPUTS_H_
