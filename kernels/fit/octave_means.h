#ifndef CTXFIT_KERNELS_FIT_OCTAVE_MEANS_H_
#define CTXFIT_KERNELS_FIT_OCTAVE_MEANS_H_

#include <cstdint>
#include <vector>

namespace ctxfit {

struct Observations;

// The mean score of the rows that share compute, context limit and octave of prompt length, [2^k, 2^(k + 1)) tokens.
struct OctaveMean {
  double compute;          // FLOP
  double limit;            // tokens; infinite if the table has no limits
  double prompt;           // weighted geometric mean of the prompt lengths, tokens
  double weight;           // total weight of the rows
  double score;            // weighted mean score
  std::int64_t row_count;  // number of rows
};

// The means of all rows of a task, ordered by compute, limit and octave.
struct OctaveMeans {
  std::vector<OctaveMean> means;
  std::vector<std::int32_t> mean_of;  // per combination of covariates: index into `means`
  std::vector<double> weight;         // per combination of covariates: total weight
};

OctaveMeans FindOctaveMeans(const Observations& observations);

// The mean of the expected scores over the rows of each octave mean. `expected` has an element per combination of
// covariates.
std::vector<double> MeansOf(const OctaveMeans& means, const std::vector<double>& expected);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_OCTAVE_MEANS_H_
