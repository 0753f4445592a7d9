#ifndef CTXFIT_KERNELS_FIT_REPLICATE_WARNINGS_H_
#define CTXFIT_KERNELS_FIT_REPLICATE_WARNINGS_H_

#include <optional>

namespace ctxfit {

struct Domain;
struct Sandwich;
struct TaskFit;

// Adds to the warnings of `fit`, whose estimates are made, what its replicates, or the lack of them, mean for its
// intervals: units or scores that show no spread, replicates that a search of their own moved or that did not converge,
// coordinates of `domain` that replicates hold, bounds of `identified_domain` that cut an interval, and standard errors
// that are far below those of the `sandwich`.
void WarnOfReplicates(const Domain& domain, const Domain& identified_domain, const std::optional<Sandwich>& sandwich,
                      TaskFit& fit);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_REPLICATE_WARNINGS_H_
