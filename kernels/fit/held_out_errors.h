#ifndef CTXFIT_KERNELS_FIT_HELD_OUT_ERRORS_H_
#define CTXFIT_KERNELS_FIT_HELD_OUT_ERRORS_H_

#include <optional>
#include <vector>

#include "kernels/baseline/baseline.h"
#include "kernels/fit/octave_means.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/evaluate.h"

namespace ctxfit {

struct Observations;

// Errors of one predictor, a law or a baseline; see ctxfit.v1.PredictorErrors.
struct PredictorErrors {
  ErrorSummary rows;                  // over single rows
  ErrorSummary means;                 // over octave means
  std::optional<ErrorSummary> logit;  // over the logits of octave means; unset if no mean has s >= kLeastPenalty
};

// Predictions of the octave means of some rows by one predictor.
struct MeanPredictions {
  std::vector<double> scores;   // per octave mean
  std::vector<bool> has_logit;  // per octave mean: true if its mean penalty s is at least kLeastPenalty
};

// Accumulates the errors of one predictor over several sets of rows.
class PredictorErrorSum {
 public:
  // Adds rows whose expected scores, by combination of covariates, are `expected`. `means` and `predictions` are
  // theirs.
  void Add(const Observations& rows, const std::vector<double>& expected, const OctaveMeans& means,
           const MeanPredictions& predictions);
  // The summary of the rows added, at least one.
  PredictorErrors Summarize() const;

 private:
  ErrorSum rows_;
  ErrorSum means_;
  ErrorSum logit_;
};

// The predictors of a task: a law and the baselines fitted to the same rows.
struct Predictors {
  Law law;
  std::vector<Baseline> baselines;  // FitBaselines()
};

// Predictions of some rows by each predictor, the law first.
struct Predicted {
  OctaveMeans means;
  std::vector<std::vector<double>> expected;  // by predictor and combination of covariates
  std::vector<MeanPredictions> of_means;      // by predictor
};
Predicted PredictRows(const Observations& rows, const Predictors& predictors);

// Accumulates the errors of each predictor over several sets of rows.
class PredictorErrorSums {
 public:
  // Adds rows, as they are predicted. Returns the errors of each predictor on these alone, the law first.
  std::vector<PredictorErrors> Add(const Observations& rows, const Predicted& predicted);
  // The errors of each predictor on all rows, the law first; empty if there are none.
  std::vector<PredictorErrors> Summarize() const;

 private:
  std::vector<PredictorErrorSum> sums_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_HELD_OUT_ERRORS_H_
