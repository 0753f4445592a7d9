#ifndef CTXFIT_SERVER_WIRE_CHOICES_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_CHOICES_CONVERSION_H_

#include <optional>

#include "ctxfit/v1/fit.pb.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/resampling.h"
#include "kernels/law/search_over.h"

namespace ctxfit {

// Convert choices among named values. FromProto maps UNSPECIFIED to the engine's default and returns nullopt for a
// number that names no value.
std::optional<Loss> FromProto(v1::Loss value);
std::optional<Resampling> FromProto(v1::Resampling value);
std::optional<IntervalKind> FromProto(v1::IntervalKind value);
std::optional<SearchOver> FromProto(v1::SearchOver value);
std::optional<WeightKind> FromProto(v1::WeightKind value);

v1::Loss ToProto(Loss value);
v1::Resampling ToProto(Resampling value);
v1::IntervalKind ToProto(IntervalKind value);
v1::SearchOver ToProto(SearchOver value);
v1::WeightKind ToProto(WeightKind value);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_CHOICES_CONVERSION_H_
