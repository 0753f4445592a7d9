#ifndef CTXFIT_KERNELS_OBJECTIVE_NORMAL_EQUATIONS_H_
#define CTXFIT_KERNELS_OBJECTIVE_NORMAL_EQUATIONS_H_

#include <cmath>

#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// Index of element (row, column), column <= row, in a symmetric matrix packed by rows of its lower triangle.
CTXFIT_HD constexpr int PackedIndex(int row, int column) { return row * (row + 1) / 2 + column; }

// The squared loss sum w r^2, r = y - P, about a point: J holds dP by each of the first kCount coordinates, W the
// weights. T is double, or a vector of them: as many problems side by side.
template <int kCount, class T = double>
struct BasicNormalEquations {
  static constexpr int kPackedCount = kCount * (kCount + 1) / 2;
  T jtj[kPackedCount];  // J' W J, packed
  T jtr[kCount];        // J' W r, the direction of descent
  T cost;               // sum w r^2
};

using NormalEquations = BasicNormalEquations<kCoordinateCount>;

// The same by the coordinates of the factors alone, where the others are held.
using FactorEquations = BasicNormalEquations<kFactorCoordinateCount>;

inline constexpr int kPackedCount = NormalEquations::kPackedCount;

// Adds what has a gradient, pulls along it by `pull`, and resists by `curvature`.
template <int kCount, class T>
CTXFIT_HD void AddGradient(const T (&gradient)[kCount], const T& pull, const T& curvature,
                           BasicNormalEquations<kCount, T>& equations) {
#pragma GCC unroll 8
  for (int row = 0; row < kCount; ++row) {
    equations.jtr[row] += gradient[row] * pull;
    const T weighted = gradient[row] * curvature;
#pragma GCC unroll 8
    for (int column = 0; column <= row; ++column) {
      equations.jtj[PackedIndex(row, column)] += weighted * gradient[column];
    }
  }
}

// With zeros for the coordinates that are held: the packed elements of the first ones come first.
template <int kCount>
CTXFIT_HD NormalEquations Widen(const BasicNormalEquations<kCount>& some) {
  NormalEquations equations{};
  for (int i = 0; i < BasicNormalEquations<kCount>::kPackedCount; ++i) equations.jtj[i] = some.jtj[i];
  for (int i = 0; i < kCount; ++i) equations.jtr[i] = some.jtr[i];
  equations.cost = some.cost;
  return equations;
}

// Solves (J' W J + damping diag(J' W J)) step = J' W r over the coordinates in `free`, by Cholesky; the others get 0.
// False, with a zero step, where the matrix is not positive definite to working precision.
CTXFIT_HD bool SolveNormalEquations(const NormalEquations& equations, const bool* free, double damping, double* step) {
  double factor[kPackedCount];
  double solution[kCoordinateCount];
  for (int i = 0; i < kCoordinateCount; ++i) step[i] = 0;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!free[i]) continue;
    for (int j = 0; j <= i; ++j) {
      if (!free[j]) continue;
      double sum = equations.jtj[PackedIndex(i, j)];
      if (i == j) sum *= 1 + damping;
      for (int k = 0; k < j; ++k) {
        if (free[k]) sum -= factor[PackedIndex(i, k)] * factor[PackedIndex(j, k)];
      }
      if (i != j) {
        factor[PackedIndex(i, j)] = sum / factor[PackedIndex(j, j)];
      } else {
        // A pivot that has lost all but 1e-14 of its diagonal is rounding, not information.
        if (!(sum > 1e-14 * equations.jtj[PackedIndex(i, i)])) return false;
        factor[PackedIndex(i, i)] = sqrt(sum);
      }
    }
  }
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!free[i]) continue;
    double sum = equations.jtr[i];
    for (int k = 0; k < i; ++k) {
      if (free[k]) sum -= factor[PackedIndex(i, k)] * solution[k];
    }
    solution[i] = sum / factor[PackedIndex(i, i)];
  }
  for (int i = kCoordinateCount - 1; i >= 0; --i) {
    if (!free[i]) continue;
    double sum = solution[i];
    for (int k = i + 1; k < kCoordinateCount; ++k) {
      if (free[k]) sum -= factor[PackedIndex(k, i)] * step[k];
    }
    step[i] = sum / factor[PackedIndex(i, i)];
  }
  return true;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_NORMAL_EQUATIONS_H_
