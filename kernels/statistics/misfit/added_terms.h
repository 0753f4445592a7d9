#ifndef CTXFIT_KERNELS_STATISTICS_MISFIT_ADDED_TERMS_H_
#define CTXFIT_KERNELS_STATISTICS_MISFIT_ADDED_TERMS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/loss_rule.h"

namespace ctxfit {

struct Law;
struct Observations;

// The residuals that a term is tested against.
enum class TermMetric {
  kResidual,  // score less expected score: mean residuals
  kLoss,      // LossTerms::half_gradient: the efficient score of a parameter under the fit's loss
};

// The errors of scores about the law.
enum class ErrorModel {
  kByUnit,  // any variance, correlated in any way within a resampling unit
  // Independent, P (1 - P) / weight: rows are means of as many 0/1 scores as their weight says. Where they scatter
  // about the law with the term more than this at 5 %, it is multiplied by their dispersion, chi-square over its
  // degrees of freedom, if the law explains more than half of the scores' variance.
  kBinomial,
};

// Sums over all rows from which the size of a term z follows. The weights are w, the half gradients of the loss h, its
// expected curvatures c, and kappa is 1 or c by the metric.
struct TermSums {
  TermMetric metric = TermMetric::kResidual;
  double pull = 0;                           // sum w r z, or w h z
  double weight = 0;                         // sum w |z|
  double square = 0;                         // sum w kappa z^2
  double by_coordinate[kCoordinateCount]{};  // sum w kappa z dP
  double by_curvature[kCoordinateCount]{};   // sum w c z dP
  double mean() const { return pull / weight; }
};

// The size that a term would have if it were added to the law and everything fitted again.
struct TermSize {
  double estimate;   // delta in score = P + delta z, by one Gauss-Newton step from the optimum without the term
  double rms;        // root mean square of delta times the part of z that the fitted coordinates cannot absorb
  double explained;  // reduction of the cost by that step
};

// A test that a term is absent.
struct TermTest {
  double statistic = 0;           // the estimate in its standard errors
  double degrees_of_freedom = 0;  // those of Student's t; infinite for the normal distribution
  double p_value = 1;             // two-sided
};

// The scatter of rows about the law, beside errors as ErrorModel::kBinomial has them.
struct BinomialScatter {
  double chi_square;       // sum w r^2 / (P (1 - P))
  double mean_square;      // weighted mean of r^2
  bool law_explains_most;  // the mean square is less than half of the scores' variance
};

// P (1 - P), the variance of one of `count` scores of 0 or 1 that are expected to be 1 with probability `expected`. By
// Laplace's rule P has one success and one failure more, so that certainty is never assumed.
double BinomialVariance(double expected, double count);

// Tests terms that a fitted law lacks: functions z of the covariates, in score = P + delta z. No law is refitted.
//
// A score test: the pull of z, less the part that the fitted coordinates would absorb (the efficient score), over
// its standard error. Errors within a unit may depend in any way: the variance sums squares of the units' parts, each
// taken about the fitted term. Parts of rows are divided by 1 less the row's leverage on the fitted coordinates, and
// those of units by 1 less their share in the sum of squares of z: the jackknife's correction, exact for units of one
// row up to the product of the two (HC3, MacKinnon and White 1985; CR3, MacKinnon, Nielsen and Webb 2023). Student's t
// has as many degrees of freedom as there are effective units by these shares, 1 / (sum of their squares), less 1, and
// no more than the rows relevant to z have after the fitted coordinates. With two keys the larger p-value counts.
class AddedTerms {
 public:
  // The value z of a term at a combination of covariates, given by its index.
  using Term = std::function<double(std::size_t)>;

  // `expected` has an element per combination, `free_set` are the coordinates that could move at the optimum.
  AddedTerms(const Observations& observations, const Law& law, const std::vector<double>& expected,
             const LossRule& loss, const bool* free_set);

  // Adds the rows of a combination, at which the term is `z`, to the sums.
  void Add(std::size_t combination, double z, TermSums& sums) const;

  // Sums a term over all combinations.
  TermSums Sum(const Term& term, TermMetric metric) const;

  // Returns the size of the summed term; none where the fitted coordinates can absorb it or nothing depends on it.
  std::optional<TermSize> SizeOf(const TermSums& sums) const;

  // Tests that the summed term is absent. Returns no test where SizeOf() returns no size, with fewer than two units
  // more than fitted coordinates, and where the effective number of units is below 2.
  std::optional<TermTest> Test(const Term& term, const TermSums& sums, ErrorModel errors) const;

  BinomialScatter MeasureScatter() const;

  // The derivative of P by a coordinate at a combination.
  double Gradient(std::size_t combination, Coordinate coordinate) const {
    return gradients_[combination * kCoordinateCount + coordinate];
  }
  // The number of fitted coordinates that the observations determine.
  int fitted_count() const { return fitted_count_; }
  double total_weight() const { return total_weight_; }

 private:
  struct Row;
  struct Projection;

  void Linearize(const Law& law);
  void Invert(const bool* free_set);
  void MeasureLeverages();
  Projection Project(const TermSums& sums) const;
  template <class Visit>
  void VisitRows(const Visit& visit) const;
  std::optional<TermTest> TestByUnit(const Term& term, const TermSums& sums, const std::vector<std::int32_t>& unit,
                                     std::int32_t unit_count) const;
  std::optional<TermTest> TestBinomial(const Term& term, const TermSums& sums) const;

  const Observations& observations_;
  const std::vector<double>& expected_;
  const LossRule loss_;
  std::vector<double> gradients_;  // kCoordinateCount elements of each combination
  // Sums over the rows of each combination: of their weights, and of these times residuals, half gradients, curvatures.
  std::vector<double> weight_;
  std::vector<double> residual_;                           // sum w r
  std::vector<double> pull_;                               // sum w h
  std::vector<double> curvature_;                          // sum w c
  std::vector<double> leverage_;                           // leverage of a row with w c = 1, by combination
  double inverse_[kCoordinateCount * kCoordinateCount]{};  // pseudo-inverse of J' W J
  int fitted_count_ = 0;
  double total_weight_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_MISFIT_ADDED_TERMS_H_
