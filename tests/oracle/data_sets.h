#ifndef CTXFIT_TESTS_ORACLE_DATA_SETS_H_
#define CTXFIT_TESTS_ORACLE_DATA_SETS_H_

#include <string>

#include "kernels/data/observations.h"

namespace ctxfit {

inline constexpr int kDataSetCount = 50;

// The distribution of a simulated set's scores about the law, which is their mean.
enum class Noise {
  kBinary,    // 0 or 1
  kMeans,     // share of 40, 100 or 250 trials, with their number as weight
  kGaussian,  // nearly normal, cut off symmetrically so that scores stay in [0, 1]
};

// A simulated set and the law behind it: coefficients at the references below, penalty one token wide at the limit.
struct DataSet {
  std::string name;  // "set07_93_means"
  Noise noise;
  double compute_coefficient;
  double compute_exponent;
  double compute_reference;  // FLOP
  double context_coefficient;
  double context_exponent;
  double prompt_reference;  // tokens
  ObservationTable table;
};

// Set `index` in [0, kDataSetCount): 50 to 20,000 records of 2 to 12 models with their own limits, scored on prompts of
// 16 to 131,072 tokens. Made of integers and of rounded numbers, so that it is the same everywhere.
DataSet MakeDataSet(int index);

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_ORACLE_DATA_SETS_H_
