#ifndef CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_INFORMATIVE_H_
#define CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_INFORMATIVE_H_

#include <vector>

#include "kernels/law/loss_rule.h"

namespace ctxfit {

struct Domain;
struct Law;
struct Observations;

// Returns, for each combination of covariates, true if its rows carry information on the fitted parameters: their
// expected score exceeds a fixed floor by more than 0.1 % of what the highest expected score does. Rows that the law
// puts at its floor, such as prompts far beyond the limit, carry next to none, however badly it fits them. A fitted
// floor is informed by every row. `expected` has an element per combination.
std::vector<bool> FindInformative(const std::vector<double>& expected, const Law& law, const Domain& domain);

// Returns, for each combination of covariates, true if its rows carry information on the factors or the penalty: the
// law puts them at a share of the way from floor to ceiling, (P - floor) / (ceiling - floor), that is above 0.1 % of
// the highest share and below 1 - 4e-5. Beyond either, a factor's slope, at most -(1 - share) ln(1 - share), is below
// 0.1 % of its largest, 1/e: rows there inform an asymptote that is fitted, but no other parameter. All are true where
// only asymptotes are fitted. Under a deviance, whose variance falls towards 0 and 1, a combination also counts if at
// least one of its evaluations (its total weight) is expected to succeed beyond the floor, and one to fail short of the
// ceiling. `expected` has an element per combination.
std::vector<bool> FindBetweenAsymptotes(const Observations& observations, const std::vector<double>& expected,
                                        const Law& law, const Domain& domain, Loss loss);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_INFORMATIVE_H_
