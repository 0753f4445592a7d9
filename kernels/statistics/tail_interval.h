#ifndef CTXFIT_KERNELS_STATISTICS_TAIL_INTERVAL_H_
#define CTXFIT_KERNELS_STATISTICS_TAIL_INTERVAL_H_

#include <cstddef>

#include "kernels/base/aligned_vector.h"
#include "kernels/law/range.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/statistics/intervals.h"

namespace ctxfit {

// What TailInterval gathers values in, for up to `count` of them.
class TailSpace {
 public:
  explicit TailSpace(std::size_t count) : below_(RowSize(count)), above_(RowSize(count)) {}
  Tails tails() { return {below_.data(), above_.data(), 0, 0}; }

 private:
  AlignedVector<double> below_;
  AlignedVector<double> above_;
};

// The interval between two quantiles, found among the values beyond thresholds that mean and standard deviation put a
// little inside of it: a tenth of all values where the quantiles are far out. Always the same as QuantileInterval().
class TailInterval {
 public:
  // Of `count` values, at least one. The cost is least where the lower probability is near 0 and the upper near 1.
  TailInterval(std::size_t count, const Range& probabilities);

  // Of the first `count` values of a row, whose spread is known; `space` is for as many.
  Range Of(const VectorKernels& kernels, const double* values, const Spread& spread, TailSpace& space) const;

 private:
  // One end: its place, the values from the outermost on that it takes to tell it, and how far out the threshold is to
  // be put, in standard deviations.
  struct End {
    QuantilePlace place;
    std::size_t needed;
    double reach;
  };

  static double Reach(std::size_t needed, std::size_t count);

  std::size_t count_;
  End lower_;
  End upper_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_TAIL_INTERVAL_H_
