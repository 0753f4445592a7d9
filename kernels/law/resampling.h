#ifndef CTXFIT_KERNELS_LAW_RESAMPLING_H_
#define CTXFIT_KERNELS_LAW_RESAMPLING_H_

namespace ctxfit {

// What a bootstrap resamples.
enum class Resampling {
  kAuto,     // clusters where there are any, rows otherwise
  kCluster,  // clusters
  kRecord,   // rows, whatever their clusters
  // Clusters (or rows) and units of a second key, crossed: a row's weight is the product of both. For claims about
  // units of the second key that were not observed, as new models (Owen 2007; Owen and Eckles 2012).
  kTwoWay,
  // Clusters (or rows) within their model level, the pair of compute and limit: every level keeps its share of each
  // replicate. For a fixed set of models. A cluster must lie in one level.
  kStratified,
};

// The weights of resampling units in a replicate, all of mean 1 and variance 1 (but for 1/n in the last).
enum class WeightKind {
  kExponential,  // the Bayesian bootstrap (Rubin 1981): no unit is ever left out
  kPoisson,      // independent Poisson(1) counts
  kMultinomial,  // counts of n draws with replacement (Efron 1979)
};

// How intervals are read off the replicates.
enum class IntervalKind {
  kPercentile,  // expanded for few units, see ExpandedTail()
  kBca,         // bias-corrected and accelerated (Efron 1987), the acceleration from the influence of units
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_RESAMPLING_H_
