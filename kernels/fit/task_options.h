#ifndef CTXFIT_KERNELS_FIT_TASK_OPTIONS_H_
#define CTXFIT_KERNELS_FIT_TASK_OPTIONS_H_

namespace ctxfit {

struct FitOptions;
struct Observations;

// Returns the options as they apply to a task, with those bounds that follow from its scores.
FitOptions OptionsFor(const FitOptions& options, const Observations& observations);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_TASK_OPTIONS_H_
