#ifndef CTXFIT_SERVER_WIRE_PENALTY_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_PENALTY_CONVERSION_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/fit.pb.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

// Convert the penalty of a law. FromProto returns INVALID_ARGUMENT if `none` is set to false.
v1::Penalty ToProto(const Penalty& penalty);
absl::StatusOr<Penalty> FromProto(const v1::Penalty& penalty);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_PENALTY_CONVERSION_H_
