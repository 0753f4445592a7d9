#ifndef CTXFIT_TESTS_KERNELS_DEFAULTS_H_
#define CTXFIT_TESTS_KERNELS_DEFAULTS_H_

#include "kernels/data/observations.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"

// Default options as the engine takes them, for tests that set none: they need not be compiled anew with every option.

namespace ctxfit {

// The domain of the default options.
Domain DefaultDomain();

// The references that the default options give to observations.
References DefaultReferences(const Observations& observations);

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_DEFAULTS_H_
