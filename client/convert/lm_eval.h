#ifndef CTXFIT_CLIENT_CONVERT_LM_EVAL_H_
#define CTXFIT_CLIENT_CONVERT_LM_EVAL_H_

#include "absl/status/statusor.h"
#include "client/convert/conversion.h"
#include "client/convert/lm_eval_sample.h"
#include "client/convert/unit_tally.h"

namespace ctxfit {

inline constexpr ConvertedUnits kLmEvalUnits = {"a file, one model on one task", "further models on these items",
                                                "these models alone, if items err one by one"};

// Converts the output of lm-evaluation-harness with --log_samples: samples_{task}_{timestamp}.jsonl, one sample per
// line, and in the same folder results_{timestamp}.json with the model's name. If that file names no model, the name of
// the folder is the model.
//
// The cluster of a row is its file; its second cluster is the item, task and doc_id, which models share. A file that
// holds every document once per filter needs `options.filter`. INVALID_ARGUMENT, with file, line, value and rule, for
// unusable files, numbers and models, and if there is no sample.
absl::StatusOr<Conversion> ConvertLmEval(const ConversionSource& source, const LmEvalOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_LM_EVAL_H_
