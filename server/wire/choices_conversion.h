#ifndef CTXFIT_SERVER_WIRE_CHOICES_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_CHOICES_CONVERSION_H_

#include <optional>

#include "ctxfit/v1/fit.pb.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/resampling.h"

namespace ctxfit {

// Convert choices among named values. FromProto maps UNSPECIFIED to the engine's default and returns nullopt for a
// number that names no value.
std::optional<Loss> FromProto(v1::Loss loss);
std::optional<Resampling> FromProto(v1::Resampling resampling);
std::optional<IntervalKind> FromProto(v1::IntervalKind interval);
std::optional<WeightKind> FromProto(v1::WeightKind weights);

v1::Loss ToProto(Loss loss);
v1::Resampling ToProto(Resampling resampling);
v1::IntervalKind ToProto(IntervalKind interval);
v1::WeightKind ToProto(WeightKind weights);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_CHOICES_CONVERSION_H_
