#ifndef CTXFIT_SERVER_WIRE_LAW_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_LAW_CONVERSION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/law.pb.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {

struct ReplicateFits;

// Converts a law's parameters to their natural units.
v1::Parameters ToProto(const Law& law);

// Converts the replicates of a law to natural units. Optional columns that `domain` does not free are left empty.
v1::Replicates ToProto(const ReplicateFits& replicates, const Law& law, const Domain& domain);

// Reads the law of `fit.parameters`. INVALID_ARGUMENT names field, value and rule.
absl::StatusOr<Law> LawOf(const v1::Parameters& parameters);

// Reads `fit.replicates` as points at the scales of `law`, whose values stand in for empty columns. INVALID_ARGUMENT
// names field, replicate, value and rule.
absl::StatusOr<std::vector<Point>> PointsOf(const v1::Replicates& replicates, const Law& law);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_LAW_CONVERSION_H_
