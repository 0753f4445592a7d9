#ifndef CTXFIT_KERNELS_OBJECTIVE_NORMAL_EQUATIONS_H_
#define CTXFIT_KERNELS_OBJECTIVE_NORMAL_EQUATIONS_H_

#include <cmath>

#include "kernels/base/host_device.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// Index of element (row, column), column <= row, in a symmetric matrix packed by rows of its lower triangle.
CTXFIT_HD constexpr int PackedIndex(int row, int column) { return row * (row + 1) / 2 + column; }

// The normal equations of sum w r^2, r = y - P, at a point. J holds dP by each of the first kCount coordinates, W the
// weights. T is double, or a vector of doubles whose lanes are independent problems.
template <int kCount, class T = double>
struct BasicNormalEquations {
  static constexpr int kPackedCount = kCount * (kCount + 1) / 2;
  T jtj[kPackedCount];  // J' W J, packed
  T jtr[kCount];        // J' W r, the direction of descent
  T cost;               // sum w r^2
};

using NormalEquations = BasicNormalEquations<kCoordinateCount>;

// Normal equations in the factors' coordinates alone, for laws whose other coordinates are fixed.
using FactorEquations = BasicNormalEquations<kFactorCoordinateCount>;

inline constexpr int kPackedCount = NormalEquations::kPackedCount;

// Rank-one update: jtr += pull * gradient, jtj += curvature * gradient gradient'. The cost is left to the caller.
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

// Extends the equations by zeros for the other coordinates. The packed elements of the first ones come first.
template <int kCount>
CTXFIT_HD NormalEquations Widen(const BasicNormalEquations<kCount>& narrow) {
  NormalEquations equations{};
  for (int i = 0; i < BasicNormalEquations<kCount>::kPackedCount; ++i) equations.jtj[i] = narrow.jtj[i];
  for (int i = 0; i < kCount; ++i) equations.jtr[i] = narrow.jtr[i];
  equations.cost = narrow.cost;
  return equations;
}

// Solves (J' W J + damping diag(J' W J)) step = J' W r over the coordinates in `free` by Cholesky; the steps of the
// others are 0. Returns false, with a zero step, if the matrix is not positive definite to working precision.
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
        // A pivot below 1e-14 of its diagonal element is rounding error.
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
