#include "kernels/law/used_variables.h"

#include "kernels/law/law_options.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

UsedVariables FindUsedVariables(bool has_penalty, bool has_context_factor) {
  return {.prompts = has_penalty || has_context_factor, .limits = has_penalty};
}

UsedVariables FindUsedVariables(const LawOptions& options) {
  return FindUsedVariables(options.penalty.form != Penalty::Form::kNone, options.context_factor);
}

}  // namespace ctxfit
