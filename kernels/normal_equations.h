#ifndef CTXFIT_KERNELS_NORMAL_EQUATIONS_H_
#define CTXFIT_KERNELS_NORMAL_EQUATIONS_H_

#include <cmath>

#include "kernels/host_device.h"
#include "kernels/law.h"

namespace ctxfit {

// Index of element (row, column), column <= row, in a symmetric matrix packed by rows of its lower triangle.
CTXFIT_HD constexpr int PackedIndex(int row, int column) { return row * (row + 1) / 2 + column; }

// The squared loss sum w r^2, r = y - P, about a point: J holds dP by each of the first kCount coordinates, W the
// weights.
template <int kCount>
struct BasicNormalEquations {
  static constexpr int kPackedCount = kCount * (kCount + 1) / 2;
  double jtj[kPackedCount];  // J' W J, packed
  double jtr[kCount];        // J' W r, the direction of descent
  double cost;               // sum w r^2
};

using NormalEquations = BasicNormalEquations<kCoordinateCount>;

// The same by the coordinates of the factors alone, where the others are held.
using FactorEquations = BasicNormalEquations<kFactorCoordinateCount>;

inline constexpr int kPackedCount = NormalEquations::kPackedCount;

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

#endif  // CTXFIT_KERNELS_NORMAL_EQUATIONS_H_
