#ifndef CTXFIT_KERNELS_LAW_USED_VARIABLES_H_
#define CTXFIT_KERNELS_LAW_USED_VARIABLES_H_

namespace ctxfit {

struct LawOptions;

// True for the variables that a law uses beside compute: limits with a penalty, prompts with a penalty or a context
// factor.
struct UsedVariables {
  bool prompts;
  bool limits;
};

UsedVariables FindUsedVariables(bool has_penalty, bool has_context_factor);

// The variables that a law fitted with `options` uses.
UsedVariables FindUsedVariables(const LawOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_USED_VARIABLES_H_
