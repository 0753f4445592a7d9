#ifndef CTXFIT_KERNELS_DATA_COMPUTE_LEVELS_H_
#define CTXFIT_KERNELS_DATA_COMPUTE_LEVELS_H_

#include <cmath>
#include <vector>

#include "kernels/data/observations.h"

namespace ctxfit {

// True for two computes, or two prompt lengths, that count as one, given their natural logarithms: they differ by less
// than 1 %.
inline bool CountAsOne(double log_a, double log_b) { return std::abs(log_a - log_b) < 0.01; }

// Counts bases: groups of computes each of which counts as one with its neighbour. Takes natural logarithms, ascending.
int CountBases(const std::vector<double>& log_computes);

// Finds the distinct computes of some combinations of covariates.
ComputeLevels FindComputeLevels(const std::vector<Covariates>& covariates);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_COMPUTE_LEVELS_H_
