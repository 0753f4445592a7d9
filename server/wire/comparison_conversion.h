#ifndef CTXFIT_SERVER_WIRE_COMPARISON_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_COMPARISON_CONVERSION_H_

#include <string>

#include "ctxfit/v1/comparison.pb.h"
#include "kernels/fit/comparison.h"
#include "server/wire/fit_conversion.h"

namespace ctxfit {

// Provenance of the three fits of a comparison.
struct ComparisonContext {
  const FitOptions& options;  // options of each fit
  std::string backend;        // Backend::Name()
  std::string device;         // Backend::Device()
  std::string first_digest;   // digests of the observations of either group, and of both
  std::string second_digest;
  std::string pooled_digest;
};

// Converts the comparison of one task, whose predictions are at `points`.
v1::Comparison ToProto(const Comparison& comparison, const v1::PredictionPoints& points,
                       const ComparisonContext& context);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_COMPARISON_CONVERSION_H_
