#ifndef CTXFIT_KERNELS_STATISTICS_ERRORS_VARIANCE_COMPONENTS_H_
#define CTXFIT_KERNELS_STATISTICS_ERRORS_VARIANCE_COMPONENTS_H_

#include <vector>

namespace ctxfit {

struct LossRule;
struct Observations;

// Variances of evaluations about a law: score = P + sqrt(v) (effect of its cluster + effect of its own).
struct VarianceComponents {
  double between_clusters = 0;  // tau^2; 0 without clusters
  double within = 0;            // sigma^2, of one evaluation
  // True if v = P (1 - P), the variance of a score of 0 or 1; otherwise v = 1.
  bool in_binomial_units = false;

  // v at an expected score in [0, 1], which is at least 1e-6 and at most 1 - 1e-6 for this.
  double UnitAt(double expected) const;

  // Variance of the mean score of `items` new evaluations of one new cluster about their expected score.
  double OfNewMean(double expected, double items) const {
    return UnitAt(expected) * (between_clusters + within / items);
  }
};

// Estimates the components by the method of moments, from the residuals of `expected` in the rows that are
// `informative` (FindInformative()), or in all if none is, both of which have an element per combination of covariates,
// under a law of p = `fitted_count` fitted parameters (analysis of variance of unbalanced one-way random effects,
// Searle 1971). They are in binomial units under the Bernoulli loss, where every evaluation scores 0 or 1, as far as
// scores and their variances tell, and where these units make the residuals, about the means of their clusters, more
// than twenty times as likely. With row weights w, z = (score - P) / sqrt(v), a = w v, and in each of C clusters A =
// sum a and q = sum a v / A,
//
//   sigma^2 = sum a [(z - mean_c z)^2 + score_variance / v] / (sum v - sum_c q),
//   tau^2   = max(0, sum_c A (mean_c z)^2 / (C - p) - sigma^2 mean q) / n_0,  n_0 = (sum A - sum A^2 / sum A) / (C -
//   1),
//
// where means within clusters are weighted by a, and sum v is over records. With v = 1 the denominator of sigma^2 is
// the number of records less C, and q = 1.
//
// With fewer than two clusters, or with no cluster of more than one record, evaluations count as independent: tau^2 = 0
// and sigma^2 = sum a (z^2 + score_variance / v) / (sum v) N / (N - p), with N records. All denominators of records or
// clusters are at least 1.
VarianceComponents EstimateVarianceComponents(const Observations& observations, const std::vector<double>& expected,
                                              const std::vector<bool>& informative, int fitted_count,
                                              const LossRule& loss);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ERRORS_VARIANCE_COMPONENTS_H_
