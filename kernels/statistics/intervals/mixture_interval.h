#ifndef CTXFIT_KERNELS_STATISTICS_INTERVALS_MIXTURE_INTERVAL_H_
#define CTXFIT_KERNELS_STATISTICS_INTERVALS_MIXTURE_INTERVAL_H_

#include "absl/types/span.h"
#include "kernels/law/range.h"

namespace ctxfit {

// The interval, within [0, 1], with probability `tail` beyond each end of an equal mixture of normal distributions
// about `means`, at least one, each of variance `variance` > 0. Found to 1e-9 by TOMS 748 (Alefeld, Potra and Shi
// 1995).
Range MixtureInterval(absl::Span<const double> means, double variance, double tail);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_INTERVALS_MIXTURE_INTERVAL_H_
