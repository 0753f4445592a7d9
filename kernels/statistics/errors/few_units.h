#ifndef CTXFIT_KERNELS_STATISTICS_ERRORS_FEW_UNITS_H_
#define CTXFIT_KERNELS_STATISTICS_ERRORS_FEW_UNITS_H_

#include <optional>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/statistics/intervals/effective_units.h"

namespace ctxfit {

struct Cells;
struct VarianceComponents;

// The spread that a few units show of functions of the coordinates, by the law's linearisation at its optimum and a
// working model: the scores of a unit share one random effect (Bell and McCaffrey 2002; Imbens and Kolesar 2016).
//
// With x = H^-1 k for a gradient k, H = J' W J, and x' s_u the influence of unit u on k' theta, the robust variance
// V = sum_u (x' s_u)^2 is a quadratic form in residuals. Its expectation and degrees of freedom are those of a G x G
// matrix M, M_uv = sum_c (d_uc x - y_u)' Q_c (d_vc x - y_v) with y_u = H^-1 H_u x, where H_u is unit u's part in H and
// Q_c the variance of the score of unit c: V underestimates x' Q x by tr M / x' Q x, and has (tr M)^2 / tr M^2 degrees
// of freedom. Unlike a count of units less fitted parameters this tells a parameter that each unit determines by itself
// from one that only the units together determine.
class FewUnits {
 public:
  // `cells` kept their units; `free_set` are the fitted coordinates. Only the ratio of the variances of a unit's effect
  // and of evaluations matters.
  FewUnits(const Cells& cells, const bool* free_set, const Point& point, const VarianceComponents& variance);

  // The expansion of intervals for a function of the coordinates with that gradient at the optimum; unset where the
  // coordinates are not determined, or nothing of the function depends on them.
  std::optional<Expansion> ExpansionFor(const double (&gradient)[kCoordinateCount]) const;

  // The ExpansionFor() that widens most, of the expected scores of up to 64 of the cells.
  std::optional<Expansion> ExpansionForScores() const;

 private:
  std::optional<Expansion> ExpansionAlong(const double* gradient) const;

  std::vector<int> chosen_;
  std::vector<double> information_;      // H_u of every unit, row by row
  std::vector<double> effects_;          // gradient of every unit's score by its random effect
  std::vector<double> total_;            // Q, the sum of the units' Q_u
  std::vector<double> inverse_;          // H^-1, row by row; empty where H is singular
  std::vector<double> score_gradients_;  // of expected scores, one after the other
  double effect_share_;                  // of the variance of an evaluation, in [0, 1]
};

// The effective units of which `n` are counted, with as many fitted parameters as give ExpandedHeight() of 2 the height
// that `expansion` gives. More than 0 of them, and at most n - 2.
EffectiveUnits UnitsWithExpansion(double n, const Expansion& expansion);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ERRORS_FEW_UNITS_H_
