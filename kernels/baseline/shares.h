#ifndef CTXFIT_KERNELS_BASELINE_SHARES_H_
#define CTXFIT_KERNELS_BASELINE_SHARES_H_

#include <cstdint>
#include <vector>

namespace ctxfit {

struct Law;
struct Observations;

// The least penalty factor s at which rows are fitted by a baseline: dividing by less would magnify their noise more
// than twofold.
inline constexpr double kLeastPenalty = 0.5;

// The share of means at 0 or 1 above which means are taken over octaves of prompt length.
inline constexpr double kMostAtEnds = 0.1;

// The mean of rows of one model level, as a baseline sees it.
struct MeanShare {
  double log_compute;  // ln(C / FLOP)
  double log_prompt;   // ln(n / token), the weighted mean
  double weight;       // total weight of the rows
  // (mean score - floor) / ((ceiling - floor) mean s): the product of the factors f and g that would explain the mean.
  // Outside [0, 1] where the mean lies beyond an asymptote.
  double share;

  // The share in (0, 1). One at or beyond an end is that of an empirical logit, (k + 1/2) / (m + 1) with k = 0 or m of
  // m = weight evaluations (Cox 1970): the logarithm and the logit exist there, and depart the further the more
  // evaluations agree.
  double Inside() const;
};

// The means that baselines are fitted to.
struct MeanShares {
  std::vector<MeanShare> means;
  // False if a mean is that of rows which share compute, limit and prompt length; true if it is that of rows which
  // share compute, limit and octave of prompt length, [2^k, 2^(k + 1)) tokens. The latter is so where more than
  // kMostAtEnds of the former are 0 or 1, as most single 0/1 scores are: the transform of such a score takes two values
  // only, and a line through them is no line through the transform of the expected score.
  bool by_octave = false;
  std::int64_t left_out_count = 0;  // rows with s below kLeastPenalty, which take no part
};

// Averages the rows of `observations`. Floor, ceiling and penalty are those of `frame`, whose factors are not used.
MeanShares AverageShares(const Observations& observations, const Law& frame);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASELINE_SHARES_H_
