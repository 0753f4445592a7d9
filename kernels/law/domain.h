#ifndef CTXFIT_KERNELS_LAW_DOMAIN_H_
#define CTXFIT_KERNELS_LAW_DOMAIN_H_

#include "kernels/law/coordinate.h"

namespace ctxfit {

struct LawOptions;

// The fitted coordinates and the box they lie in. A fixed coordinate has both bounds at its value.
struct Domain {
  BasicPoint<double> lower;
  BasicPoint<double> upper;
  bool free[kCoordinateCount];
  bool has_default_bounds[kCoordinateCount];  // true where nobody chose the bounds

  int free_count() const {
    int count = 0;
    for (bool is_free : free) count += is_free;
    return count;
  }

  // True if every free coordinate belongs to one of the two factors.
  bool factors_only() const {
    for (int i = kFactorCoordinateCount; i < kCoordinateCount; ++i) {
      if (free[i]) return false;
    }
    return true;
  }
};

// Converts the bounds and fixed values of `options`, which must be valid, to coordinates.
Domain MakeDomain(const LawOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_DOMAIN_H_
