#ifndef CTXFIT_SERVER_WIRE_ABLATION_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_ABLATION_CONVERSION_H_

#include "ctxfit/v1/ablation.pb.h"
#include "kernels/fit/ablation.h"
#include "server/wire/fit_conversion.h"

namespace ctxfit {

// Converts the ablation of one task. `context` has the options of the full law.
v1::Ablation ToProto(const TaskAblation& ablation, const RunContext& context);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_ABLATION_CONVERSION_H_
