#ifndef CTXFIT_KERNELS_PREDICT_EVALUATE_H_
#define CTXFIT_KERNELS_PREDICT_EVALUATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/law/range.h"

namespace ctxfit {

class StopSignal;
struct ObservationTable;
struct PredictionSource;

// Errors of predictions; see ctxfit.v1.ErrorSummary.
struct ErrorSummary {
  std::int64_t record_count = 0;
  double mae = 0;
  double rmse = 0;
  double bias = 0;
};

// The errors on one model, which is identified by its name or, without a name, by its compute and limit.
struct ModelErrors {
  std::string model;         // empty for models without a name
  double compute_flops = 0;  // 0 for models with a name, as the limit
  double limit_tokens = 0;
  ErrorSummary errors;
};

// Counts of groups of rows by whether their mean lies inside the band of its expected value; see
// ctxfit.v1.BandCoverage.
struct BandCoverage {
  std::int64_t group_count = 0;
  std::int64_t inside_count = 0;
  std::int64_t undetermined_count = 0;

  // Counts a group of that mean, whose band is unset if it is not determined or withheld.
  void Add(const std::optional<Range>& band, double mean);
};

// The quality of a law's predictions of some records; see ctxfit.v1.Evaluation.
struct Evaluation {
  ErrorSummary all;
  std::optional<ErrorSummary> within_limit;
  std::optional<ErrorSummary> beyond_limit;
  std::vector<ModelErrors> models;
  std::optional<BandCoverage> band_coverage;  // unset without replicates
  std::string no_band_reason;                 // why not; "" if it is set
  std::int64_t extrapolated_count = 0;
};

// Accumulates errors row by row.
class ErrorSum {
 public:
  // Adds a row of that residual, score - P, and weight.
  void Add(double residual, double weight);
  std::int64_t record_count() const { return record_count_; }
  // The summary of the rows added, at least one.
  ErrorSummary Summarize() const;

 private:
  std::int64_t record_count_ = 0;
  double weight_ = 0;
  double absolute_ = 0;
  double squared_ = 0;
  double signed_ = 0;
};

// Evaluates the law of `source` on `rows`, at least one, of a valid `table`, and adds their errors to `total`, too.
// Bands cover `confidence`, in (0, 1). The order of rows changes nothing beyond rounding. Errors: those of `stop`.
absl::StatusOr<Evaluation> Evaluate(const PredictionSource& source, const ObservationTable& table,
                                    const std::vector<std::size_t>& rows, double confidence, const StopSignal& stop,
                                    ErrorSum& total);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_EVALUATE_H_
