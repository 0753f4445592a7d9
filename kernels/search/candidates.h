#ifndef CTXFIT_KERNELS_SEARCH_CANDIDATES_H_
#define CTXFIT_KERNELS_SEARCH_CANDIDATES_H_

#include <cstdint>
#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"

namespace ctxfit {

// Draws the initial population: a Latin hypercube (McKay et al. 1979) over the free coordinates of the domain.
std::vector<BasicPoint<float>> LatinHypercube(const Domain& domain, int count, std::uint64_t seed);

// Picks up to `count` members in the order of their costs: first those that differ from every earlier pick by more than
// 1 % of some coordinate's range, then, if these are too few, those that differ at all.
std::vector<Point> BestDistinct(const Population& population, const Domain& domain, int count);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_CANDIDATES_H_
