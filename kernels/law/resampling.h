#ifndef CTXFIT_KERNELS_LAW_RESAMPLING_H_
#define CTXFIT_KERNELS_LAW_RESAMPLING_H_

namespace ctxfit {

// The units that a bootstrap resamples.
enum class Resampling {
  kAuto,     // clusters if there are any, else rows
  kCluster,  // clusters
  kRecord,   // rows, with their clusters ignored
  // Clusters (or rows) and units of a second key, crossed: a row's weight is the product of both. For claims about
  // unobserved units of the second key, such as new models (Owen 2007; Owen and Eckles 2012).
  kTwoWay,
  // Clusters (or rows) within their model level, the pair of compute and limit: every level keeps its share of the
  // weight in each replicate. For a fixed set of models. A cluster must lie within one level.
  kStratified,
};

// The distribution of a unit's weight in a replicate. Mean and variance are 1 (for kMultinomial 1 - 1/n).
enum class WeightKind {
  kExponential,  // the Bayesian bootstrap (Rubin 1981): no unit is ever left out
  kPoisson,      // independent Poisson(1) counts
  kMultinomial,  // counts of n draws with replacement (Efron 1979)
};

// The construction of intervals from the replicates.
enum class IntervalKind {
  kPercentile,  // expanded if there are few units, see ExpandedTail()
  kBca,         // bias-corrected and accelerated (Efron 1987), the acceleration from the influence of units
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_RESAMPLING_H_
