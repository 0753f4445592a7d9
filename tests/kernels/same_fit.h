#ifndef CTXFIT_TESTS_KERNELS_SAME_FIT_H_
#define CTXFIT_TESTS_KERNELS_SAME_FIT_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "kernels/fit/fit.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/range.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/predict/predict.h"
#include "kernels/predict/predictions.h"

// Expectations that two fits agree in their estimates, with errors and intervals, and in predictions, with bands.

namespace ctxfit {

// Expects the ends of `actual` within `tolerance` of `scale` times those of `expected`, or that neither is set.
inline void ExpectClose(const std::optional<Range>& actual, const std::optional<Range>& expected, double scale,
                        double tolerance, const std::string& what) {
  ASSERT_EQ(actual.has_value(), expected.has_value()) << what;
  if (!expected) return;
  EXPECT_NEAR(actual->lower, scale * expected->lower, tolerance) << what;
  EXPECT_NEAR(actual->upper, scale * expected->upper, tolerance) << what;
}

// Factors, by the name of an estimate, that convert its expected value to the unit of the actual one. 1 for names not
// listed.
using Scales = std::map<std::string, double>;

// Expects an estimate, its errors and its intervals to agree within `tolerance` standard errors.
inline void ExpectSameEstimate(const Estimate& actual, const Estimate& expected, double scale, double tolerance) {
  const std::string& name = expected.name;
  EXPECT_EQ(actual.identified, expected.identified) << name;
  EXPECT_EQ(actual.reason, expected.reason) << name;
  if (expected.fixed) {
    // The value is chosen, or a mean over the rows: rounding changes either by less than 1e-12.
    EXPECT_NEAR(*actual.value, scale * *expected.value, std::min(tolerance, 1e-12) * scale * *expected.value) << name;
    return;
  }
  const double error = scale * expected.sandwich_standard_error.value();
  EXPECT_NEAR(actual.value.value(), scale * expected.value.value(), tolerance * error) << name;
  EXPECT_NEAR(actual.sandwich_standard_error.value(), error, tolerance * error) << name;
  ExpectClose(actual.sandwich_interval, expected.sandwich_interval, scale, tolerance * error, name + ", sandwich");
  ExpectClose(actual.interval, expected.interval, scale, tolerance * error, name);
  ASSERT_EQ(actual.standard_error.has_value(), expected.standard_error.has_value()) << name;
  if (!expected.standard_error) return;
  EXPECT_NEAR(*actual.standard_error, scale * *expected.standard_error, tolerance * error) << name;
}

// Expects every estimate of `expected` to have an equal of its name in `actual`.
inline void ExpectSameEstimates(const TaskFit& actual, const TaskFit& expected, double tolerance,
                                const Scales& scales = {}) {
  std::map<std::string, Estimate> by_name;
  for (const Estimate& estimate : actual.estimates) by_name[estimate.name] = estimate;
  for (const Estimate& estimate : expected.estimates) {
    ASSERT_TRUE(by_name.contains(estimate.name)) << estimate.name;
    const double scale = scales.contains(estimate.name) ? scales.at(estimate.name) : 1;
    ExpectSameEstimate(by_name.at(estimate.name), estimate, scale, tolerance);
  }
}

// Points inside and outside the observed ranges.
inline PredictionPoints SomePoints(double compute_scale, double prompt_scale) {
  PredictionPoints points;
  for (const double compute : {1e21, 5e22, 1e25}) {
    for (const double prompt : {10.0, 700.0, 3000.0, 5000.0, 100000.0}) {
      points.compute.push_back(compute_scale * compute);
      points.prompt.push_back(prompt_scale * prompt);
      points.limit.push_back(prompt_scale * 4096);
    }
  }
  return points;
}

// Predicts `points` from a fit.
inline Predictions PredictionsOf(const TaskFit& fit, const PredictionPoints& points) {
  PredictionSource source{fit.law, fit.replicates.points, {}, fit.observed};
  std::copy_n(fit.diagnostics.identified, kCoordinateCount, source.identified);
  return PredictWithBands(BestVectorKernels(), source, points, {}, StopSignal()).value();
}

// Expects predictions and bands to agree within `tolerance` widths of the band plus 1e-9, for rounding.
inline void ExpectSamePredictions(const Predictions& actual, const Predictions& expected, double tolerance) {
  EXPECT_EQ(actual.determined, expected.determined);
  EXPECT_EQ(actual.extrapolated, expected.extrapolated);
  for (std::size_t i = 0; i < expected.score.size(); ++i) {
    const double error = tolerance * (expected.mean_upper[i] - expected.mean_lower[i] + 1e-9);
    EXPECT_NEAR(actual.score[i], expected.score[i], error) << i;
    EXPECT_NEAR(actual.mean_lower[i], expected.mean_lower[i], error) << i;
    EXPECT_NEAR(actual.mean_upper[i], expected.mean_upper[i], error) << i;
  }
}

// Expects estimates and predictions to agree within `tolerance` standard errors and widths of the band.
inline void ExpectSameFit(const TaskFit& actual, const TaskFit& expected, double tolerance) {
  ExpectSameEstimates(actual, expected, tolerance);
  const PredictionPoints points = SomePoints(1, 1);
  ExpectSamePredictions(PredictionsOf(actual, points), PredictionsOf(expected, points), tolerance);
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_SAME_FIT_H_
