#ifndef CTXFIT_KERNELS_STATISTICS_MIXTURE_INTERVAL_H_
#define CTXFIT_KERNELS_STATISTICS_MIXTURE_INTERVAL_H_

#include "absl/types/span.h"
#include "kernels/law/range.h"

namespace ctxfit {

// The interval of equal tails of the mixture of normal distributions of that variance, > 0, about `means`, within
// [0, 1].
Range MixtureInterval(absl::Span<const double> means, double variance, double tail);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_MIXTURE_INTERVAL_H_
