#ifndef CTXFIT_KERNELS_LAW_RANGE_H_
#define CTXFIT_KERNELS_LAW_RANGE_H_

namespace ctxfit {

// A closed interval.
struct Range {
  double lower;
  double upper;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_RANGE_H_
