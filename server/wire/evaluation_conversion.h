#ifndef CTXFIT_SERVER_WIRE_EVALUATION_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_EVALUATION_CONVERSION_H_

#include <string>

#include "ctxfit/v1/evaluation.pb.h"
#include "kernels/predict/evaluate.h"

namespace ctxfit {

v1::ErrorSummary ToProto(const ErrorSummary& summary);

// Converts counts of bands of the coverage probability `confidence`.
v1::BandCoverage ToProto(const BandCoverage& coverage, double confidence);

// Converts the evaluation of `task`, whose bands have the coverage probability `confidence`.
v1::Evaluation ToProto(const Evaluation& evaluation, const std::string& task, double confidence);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_EVALUATION_CONVERSION_H_
