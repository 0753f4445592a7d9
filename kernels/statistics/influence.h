#ifndef CTXFIT_KERNELS_STATISTICS_INFLUENCE_H_
#define CTXFIT_KERNELS_STATISTICS_INFLUENCE_H_

#include <optional>

#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;

// Index of element (i, j, k), i >= j >= k, in a symmetric tensor of third order.
constexpr int CubeIndex(int i, int j, int k) { return i * (i + 1) * (i + 2) / 6 + j * (j + 1) / 2 + k; }
inline constexpr int kCubeCount = CubeIndex(kCoordinateCount - 1, kCoordinateCount - 1, kCoordinateCount - 1) + 1;

// Moments of the influence u = H^-1 s that each resampling unit has on the coordinates, s its score: by them the
// skewness of any quantity's influence is known without the units (the infinitesimal jackknife; Efron 1987). Scores are
// taken about the mean of their stratum where there are strata, between which nothing is resampled (Davison and Hinkley
// 1997, section 5.3). Zero for coordinates that do not move.
struct Influence {
  double second[kPackedCount] = {};  // sum u_i u_j, by PackedIndex
  double third[kCubeCount] = {};     // sum u_i u_j u_k, by CubeIndex
};

// Of cells that kept their units; `curvature` has the loss's own second derivatives. Unset where these are singular, or
// nothing moves.
std::optional<Influence> MeasureInfluence(const Cells& cells, const NormalEquations& curvature, const bool* free_set,
                                          const Point& point);

// The derivatives of a quantity by the coordinates.
struct Gradient {
  double by[kCoordinateCount];
};

// By central differences, which leave 1e-9 of the quantities that are asked for.
template <class Quantity>
Gradient GradientOf(const Quantity& quantity, const Point& point) {
  constexpr double kStep = 1e-5;
  Gradient gradient;
  for (int i = 0; i < kCoordinateCount; ++i) {
    Point above = point;
    Point below = point;
    above.at[i] += kStep;
    below.at[i] -= kStep;
    gradient.by[i] = (quantity(above) - quantity(below)) / (2 * kStep);
  }
  return gradient;
}

// Efron's acceleration of a quantity with that gradient by the coordinates: sum l^3 / (6 (sum l^2)^1.5), l = gradient'
// u. Finite; 0 for a quantity that no unit moves.
double Acceleration(const Influence& influence, const double (&gradient)[kCoordinateCount]);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_INFLUENCE_H_
