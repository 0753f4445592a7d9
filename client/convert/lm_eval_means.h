#ifndef CTXFIT_CLIENT_CONVERT_LM_EVAL_MEANS_H_
#define CTXFIT_CLIENT_CONVERT_LM_EVAL_MEANS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/convert/conversion.h"
#include "client/convert/lm_eval_sample.h"
#include "client/convert/models.h"
#include "client/convert/unit_tally.h"

namespace ctxfit {

inline constexpr ConvertedUnits kLmEvalMeansUnits = {"a results file, with one mean per task", "further models", "",
                                                     false};

// Converts results files of lm-evaluation-harness, by paths relative to the folder of `source`, to a row per task: the
// mean, the number of samples as its weight, and from its standard error the variance of the samples. There are no
// prompt lengths in them. Groups of tasks are passed over. INVALID_ARGUMENT, with path, task and rule, if a file is not
// JSON, a metric or a filter is ambiguous or not in [0, 1], a model is not among `models`, or no row is left.
absl::StatusOr<Conversion> ConvertLmEvalMeans(const ConversionSource& source, const LmEvalOptions& options,
                                              const std::vector<std::string>& files, const std::vector<Model>& models);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_LM_EVAL_MEANS_H_
