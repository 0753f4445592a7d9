#ifndef CTXFIT_KERNELS_STATISTICS_INFORMATIVE_H_
#define CTXFIT_KERNELS_STATISTICS_INFORMATIVE_H_

#include <vector>

namespace ctxfit {

struct Domain;
struct Law;

// Returns, for each combination of covariates, true if its rows carry information on the fitted parameters: their
// expected score exceeds a fixed floor by more than 0.1 % of what the highest expected score does. Rows that the law
// puts at its floor, such as prompts far beyond the limit, carry next to none, however badly it fits them. A fitted
// floor is informed by every row. `expected` has an element per combination.
std::vector<bool> FindInformative(const std::vector<double>& expected, const Law& law, const Domain& domain);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_INFORMATIVE_H_
