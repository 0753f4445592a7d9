#ifndef CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_
#define CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "kernels/law/range.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {

// Gathers what a band of all points together needs, point by point.
class SimultaneousBand {
 public:
  SimultaneousBand(std::size_t points, std::size_t replicates, int threads)
      : deviations_(points), largest_(threads, std::vector<double>(replicates)) {}

  // A determined point: its score, those of the replicates there, and their standard deviation. Threads may add points
  // side by side.
  void Add(std::size_t point, double score, absl::Span<const double> replicates, double deviation, int thread);

  // The sup-t band (Montiel Olea and Plagborg-Moller 2019): score +- c sd, c the quantile over replicates of their
  // largest |deviation| / sd at any point. Points that were not added get `unknown`.
  void Finish(double confidence, const Range& attainable, const Range& unknown, Predictions& predictions) const;

 private:
  std::vector<std::optional<double>> deviations_;
  std::vector<std::vector<double>> largest_;  // by thread and replicate
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_SIMULTANEOUS_BAND_H_
