#ifndef CTXFIT_KERNELS_LAW_PARAMETERS_H_
#define CTXFIT_KERNELS_LAW_PARAMETERS_H_

#include "absl/strings/string_view.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

// The field of ctxfit.v1.Parameters that a coordinate stands for: "compute_coefficient" for ln A. For the penalty's
// width it depends on the penalty's form.
absl::string_view ParameterName(Coordinate coordinate, Penalty::Form form = Penalty::Form::kTokens);

// True if a coordinate is the logarithm of its parameter.
bool IsLogarithm(Coordinate coordinate);

// Convert a parameter in its natural unit to its coordinate, and back: ln for A and B, ln of the ratio to its value in
// `scale` for the penalty's width and onset, 1 - ceiling for the headroom, and the identity for the others.
double ToCoordinate(Coordinate coordinate, double parameter, const Penalty& scale = {});
double ToParameter(Coordinate coordinate, double value, const Penalty& scale = {});

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_PARAMETERS_H_
