#ifndef CTXFIT_KERNELS_LAW_DOMAIN_H_
#define CTXFIT_KERNELS_LAW_DOMAIN_H_

#include "kernels/law/coordinate.h"

namespace ctxfit {

struct FitOptions;

// The fitted coordinates and the box they lie in. A fixed coordinate has both ends at its value.
struct Domain {
  BasicPoint<double> lower;
  BasicPoint<double> upper;
  bool free[kCoordinateCount];

  int free_count() const {
    int count = 0;
    for (bool is_free : free) count += is_free;
    return count;
  }

  // Whether no coordinate but those of the two factors is free.
  bool factors_only() const {
    for (int i = kFactorCoordinateCount; i < kCoordinateCount; ++i) {
      if (free[i]) return false;
    }
    return true;
  }
};

// The domain that valid options describe.
Domain MakeDomain(const FitOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_DOMAIN_H_
