#ifndef CTXFIT_KERNELS_STATISTICS_INTERVALS_TAIL_INTERVAL_H_
#define CTXFIT_KERNELS_STATISTICS_INTERVALS_TAIL_INTERVAL_H_

#include <cstddef>

#include "kernels/base/aligned_vector.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/statistics/intervals/intervals.h"

namespace ctxfit {

struct Range;

// Buffers in which TailInterval gathers values, for rows of up to `count` of them.
class TailBuffers {
 public:
  explicit TailBuffers(std::size_t count) : below_(RowSize(count)), above_(RowSize(count)) {}
  Tails tails() { return {below_.data(), above_.data(), 0, 0}; }
  double* scratch() { return below_.data(); }

 private:
  AlignedVector<double> below_;
  AlignedVector<double> above_;
};

// Finds the interval between two quantiles, bit for bit that of QuantileInterval(), among the values beyond a threshold
// for each end, and stretches it about the median. Mean and standard deviation place the thresholds a little inside the
// interval, so that few values, often a tenth, lie beyond them.
class TailInterval {
 public:
  // `count`, at least one, is the length of the rows. Probabilities near 0 and 1 cost the least; a `stretch` of more
  // than 1 costs a pass for the median.
  TailInterval(std::size_t count, const Range& probabilities, double stretch = 1);

  // The interval of the first `count` values of a row with that spread. `buffers` are for as many values.
  Range Find(const VectorKernels& kernels, const double* values, const Spread& spread, TailBuffers& buffers) const;

 private:
  struct End {
    QuantilePlace place;
    std::size_t needed;  // values, counted from the outermost, that determine the quantile
    double distance;     // distance of the threshold from the mean, outwards, in standard deviations
  };

  // The distance beyond which at least `needed` of `count` normally distributed values nearly always lie.
  static double ThresholdDistance(std::size_t needed, std::size_t count);

  std::size_t count_;
  End lower_;
  End upper_;
  double stretch_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_INTERVALS_TAIL_INTERVAL_H_
