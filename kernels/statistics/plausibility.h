#ifndef CTXFIT_KERNELS_STATISTICS_PLAUSIBILITY_H_
#define CTXFIT_KERNELS_STATISTICS_PLAUSIBILITY_H_

#include <string>
#include <vector>

namespace ctxfit {

struct Observations;

// Returns warnings of valid observations that are probably not what was meant, each with its remedy: computes that look
// like logarithms or another unit than FLOP, or that hardly differ, prompts that look like thousands of tokens, and
// rows that were written many times over. Nothing is converted: the fit is that of the observations as they are.
std::vector<std::string> FindImplausibleInput(const Observations& observations);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_PLAUSIBILITY_H_
