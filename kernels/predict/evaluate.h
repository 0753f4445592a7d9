#ifndef CTXFIT_KERNELS_PREDICT_EVALUATE_H_
#define CTXFIT_KERNELS_PREDICT_EVALUATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {

// Errors of predictions; see ctxfit.v1.ErrorSummary.
struct ErrorSummary {
  std::int64_t record_count = 0;
  double mae = 0;
  double rmse = 0;
  double bias = 0;
};

// The errors on one model, which is told by its name, or by its compute and limit where it has none.
struct ModelErrors {
  std::string model;
  double compute_flops = 0;
  double limit_tokens = 0;
  ErrorSummary errors;
};

// Group means against the band of their expected value; see ctxfit.v1.BandCoverage.
struct BandCoverage {
  std::int64_t group_count = 0;
  std::int64_t inside_count = 0;
  std::int64_t undetermined_count = 0;
};

// How well a law predicts records; see ctxfit.v1.Evaluation.
struct Evaluation {
  ErrorSummary all;
  std::optional<ErrorSummary> within_limit;
  std::optional<ErrorSummary> beyond_limit;
  std::vector<ModelErrors> models;
  std::optional<BandCoverage> band_coverage;  // unset without replicates
  std::int64_t extrapolated_count = 0;
};

// Errors that are gathered row by row.
class ErrorSum {
 public:
  // A row with residual score - P.
  void Add(double residual, double weight);
  std::int64_t record_count() const { return record_count_; }
  // At least one row must have been added.
  ErrorSummary Summarize() const;

 private:
  std::int64_t record_count_ = 0;
  double weight_ = 0;
  double absolute_ = 0;
  double squared_ = 0;
  double signed_ = 0;
};

// Holds the law of `source` against those `rows` of a valid `table`, at least one, and adds them to `total` too. Bands
// cover `confidence`. The order of rows changes nothing beyond rounding. Errors: those of `stop`.
absl::StatusOr<Evaluation> Evaluate(const PredictionSource& source, const ObservationTable& table,
                                    const std::vector<std::size_t>& rows, double confidence, const StopSignal& stop,
                                    ErrorSum& total);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_EVALUATE_H_
