#ifndef CTXFIT_KERNELS_STATISTICS_PLAUSIBILITY_H_
#define CTXFIT_KERNELS_STATISTICS_PLAUSIBILITY_H_

#include <string>
#include <vector>

namespace ctxfit {

struct Observations;
enum class Loss;

// Returns warnings of valid observations that are probably not what was meant, each with its remedy: computes that look
// like logarithms or another unit than FLOP, or that hardly differ, prompts that look like thousands of tokens, rows
// that were written many times over, and weights below 1 under a loss that takes them for counts. Nothing is converted:
// the fit is that of the observations as they are.
std::vector<std::string> FindImplausibleInput(const Observations& observations, Loss loss);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_PLAUSIBILITY_H_
