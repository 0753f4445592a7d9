#ifndef CTXFIT_KERNELS_STATISTICS_ERRORS_INFLUENCE_H_
#define CTXFIT_KERNELS_STATISTICS_ERRORS_INFLUENCE_H_

#include <optional>

#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;

// Index of element (i, j, k), i >= j >= k, in a packed symmetric tensor of third order.
constexpr int CubeIndex(int i, int j, int k) { return i * (i + 1) * (i + 2) / 6 + j * (j + 1) / 2 + k; }
inline constexpr int kCubeCount = CubeIndex(kCoordinateCount - 1, kCoordinateCount - 1, kCoordinateCount - 1) + 1;

// Moments of the influence u = H^-1 s of each resampling unit on the coordinates, s its score. They give the skewness
// of the influence on any quantity without another pass over the units (the infinitesimal jackknife; Efron 1987).
// Within strata, scores are taken about their mean (Davison and Hinkley 1997, section 5.3). Zero for coordinates that
// are held.
struct Influence {
  double second[kPackedCount] = {};  // sum u_i u_j, by PackedIndex
  double third[kCubeCount] = {};     // sum u_i u_j u_k, by CubeIndex
};

// Measures the influence of the units at `point`, the optimum of `cells`, which kept their units. `curvature` holds H
// by Curvature::kFisher. Unset where H is singular or no coordinate is in `free_set`.
std::optional<Influence> MeasureInfluence(const Cells& cells, const NormalEquations& curvature, const bool* free_set,
                                          const Point& point);

// The derivatives of a quantity by the coordinates.
struct Gradient {
  double by[kCoordinateCount];
};

// Returns the gradient of quantity(point) by central differences of 1e-5, to about 1e-9 of the quantity.
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

// The acceleration of a quantity (Efron 1987), from its gradient by the coordinates: sum l^3 / (6 (sum l^2)^1.5) over
// units, l = gradient' u. Finite; 0 for a quantity that no unit moves.
double Acceleration(const Influence& influence, const double (&gradient)[kCoordinateCount]);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ERRORS_INFLUENCE_H_
