#ifndef CTXFIT_SERVER_WIRE_OPTIONS_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_OPTIONS_CONVERSION_H_

#include "absl/status/statusor.h"
#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {

struct FitOptions;

// Reads the options of a request, valid by Validate() of kernels/fit/options.h. INVALID_ARGUMENT names field, value and
// rule, as `options.bounds[1].name = "gamma": must be one of compute_coefficient, ...`. The backend is left to the
// caller.
absl::StatusOr<FitOptions> FromProto(const v1::FitOptions& options);

// Converts options with every default filled in; fields without a default are left unset.
v1::FitOptions ToProto(const FitOptions& options, v1::Backend backend);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_OPTIONS_CONVERSION_H_
