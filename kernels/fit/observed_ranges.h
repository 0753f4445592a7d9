#ifndef CTXFIT_KERNELS_FIT_OBSERVED_RANGES_H_
#define CTXFIT_KERNELS_FIT_OBSERVED_RANGES_H_

#include <vector>

namespace ctxfit {

struct LawOptions;
struct Law;
struct Observations;
struct ObservedRanges;

// The number of levels among ascending values, of which those within 1 % of their neighbour count as one.
int CountLevels(std::vector<double> ascending);

// Returns the ranges that a fit of `options`, with the optimum `law`, observed. A law that is the same for every prompt
// is observed at all of them. `informative` is FindInformative().
ObservedRanges ObservedRangesOf(const Observations& observations, const std::vector<bool>& informative,
                                const LawOptions& options, const Law& law);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_OBSERVED_RANGES_H_
