#ifndef CTXFIT_SERVER_WIRE_PARAMETERS_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_PARAMETERS_CONVERSION_H_

#include "absl/status/status.h"
#include "ctxfit/v1/options.pb.h"

namespace ctxfit {

struct LawOptions;

// Adds the bounds and the fixed values of a request to options whose penalty, floor and ceiling have been read.
// INVALID_ARGUMENT names field, value and rule.
absl::Status AddBoundsAndFixedValues(const v1::FitOptions& from, LawOptions& to);

// Adds the bounds of fitted parameters and the values of fixed ones to a message. A fixed floor, ceiling and penalty
// have fields of their own. Bounds of floor and ceiling that follow from the data are left out.
void AddParameters(const LawOptions& from, v1::FitOptions& to);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_PARAMETERS_CONVERSION_H_
