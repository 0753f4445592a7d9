#ifndef CTXFIT_SERVER_WIRE_BASELINE_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_BASELINE_CONVERSION_H_

#include <string>

#include "ctxfit/v1/backtest.pb.h"
#include "ctxfit/v1/baseline.pb.h"
#include "ctxfit/v1/fit.pb.h"
#include "kernels/baseline/baseline.h"
#include "kernels/fit/held_out_errors.h"
#include "kernels/fit/held_out_levels.h"
#include "kernels/fit/verdict.h"

namespace ctxfit {

v1::BaselineForm ToProto(BaselineForm form);

// The form in a few words: "line on the logit".
std::string NameOf(BaselineForm form);

// Converts a baseline, without errors.
v1::Baseline ToProto(const Baseline& baseline);

v1::PredictorErrors ToProto(const PredictorErrors& errors);

// Converts a verdict on what was held out, in the plural: "models".
v1::Verdict ToProto(const Verdict& verdict, const std::string& held_out);

// Adds baselines and held-out levels to the fit that they are about.
void AddContest(const Contest& contest, v1::Fit& fit);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_BASELINE_CONVERSION_H_
