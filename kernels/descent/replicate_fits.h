#ifndef CTXFIT_KERNELS_DESCENT_REPLICATE_FITS_H_
#define CTXFIT_KERNELS_DESCENT_REPLICATE_FITS_H_

#include <cstdint>
#include <vector>

#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// The refitted replicates of a bootstrap, by replicate.
struct ReplicateFits {
  std::vector<Point> points;
  std::vector<bool> converged;
  int max_iteration_count = 0;
};

// The results of descents that have finished, in their order.
ReplicateFits CollectReplicates(const std::vector<LmState>& states);

// The indices of the replicates that ended beyond `highest_exponent`, that of their moments
// (Moments::highest_exponent), ascending. They must be refitted over the cells.
std::vector<std::uint32_t> BeyondMoments(const std::vector<LmState>& states, double highest_exponent);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DESCENT_REPLICATE_FITS_H_
