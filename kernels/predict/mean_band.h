#ifndef CTXFIT_KERNELS_PREDICT_MEAN_BAND_H_
#define CTXFIT_KERNELS_PREDICT_MEAN_BAND_H_

#include <map>
#include <optional>

#include "absl/status/statusor.h"
#include "kernels/law/range.h"

namespace ctxfit {

class StopSignal;
struct PredictionSource;

// Rows of one model level, whose expected mean score depends on their weight at each prompt length.
struct LevelRows {
  double compute;                             // FLOP
  double limit;                               // tokens
  double weight;                              // total, > 0
  std::map<double, double> weight_by_prompt;  // by prompt length in tokens
};

// The percentile interval over the replicates of `source`, at least one, of the expected mean score of `rows`, that
// covers `confidence`, in (0, 1); unset if the fit does not determine the mean, or the band is withheld
// (WhyWithheld()). Errors: those of `stop`.
absl::StatusOr<std::optional<Range>> BandOfMean(const PredictionSource& source, const LevelRows& rows,
                                                double confidence, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_MEAN_BAND_H_
