#ifndef CTXFIT_TESTS_KERNELS_PREDICT_SOME_SOURCE_H_
#define CTXFIT_TESTS_KERNELS_PREDICT_SOME_SOURCE_H_

#include <cmath>

#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/predict/predict.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {

// A law with 101 replicates, whose ln A is evenly spaced, 0.01 apart.
inline PredictionSource SomeSource() {
  PredictionSource source;
  source.law = {{{std::log(0.9), 0.4, std::log(1.1), 0.6}}, {1e22, 1000}, {}};
  for (int b = 0; b <= 100; ++b) {
    Point point = source.law.point;
    point.at[kLogComputeCoefficient] += 0.01 * (b - 50);
    source.replicates.push_back(point);
  }
  for (bool& identified : source.identified) identified = true;
  source.observed = {{{1e21, 1e23}}, {{100, 10000}}};
  return source;
}

// The published formula for the law of SomeSource() with another A.
inline double Formula(double a, double compute, double prompt, double limit) {
  return (1 - std::exp(-a * std::pow(compute / 1e22, 0.4))) * (1 - std::exp(-1.1 * std::pow(prompt / 1000, 0.6))) /
         (1 + std::exp(prompt - limit));
}

inline Predictions PredictAt(const PredictionSource& source, const PredictionPoints& points, const BandOptions& options,
                             int threads = 0) {
  return PredictWithBands(BestVectorKernels(), source, points, options, StopSignal(), threads).value();
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_PREDICT_SOME_SOURCE_H_
