#ifndef CTXFIT_KERNELS_FIT_REPLICATE_WARNINGS_H_
#define CTXFIT_KERNELS_FIT_REPLICATE_WARNINGS_H_

#include <string>

namespace ctxfit {

struct Domain;
struct TaskFit;

// Adds to the warnings of `fit` what its replicates, or the lack of them, mean for its intervals: too few units
// (`few_units_reason`, "" if there are enough), replicates that a search of their own moved or that did not converge,
// coordinates of `domain` that replicates hold, and bounds of `identified_domain` that cut an interval of `confidence`.
void WarnOfReplicates(const Domain& domain, const Domain& identified_domain, double confidence,
                      const std::string& few_units_reason, TaskFit& fit);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_REPLICATE_WARNINGS_H_
