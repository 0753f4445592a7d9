#ifndef CTXFIT_KERNELS_STATISTICS_NUMERICS_SYMMETRIC_MATRIX_H_
#define CTXFIT_KERNELS_STATISTICS_NUMERICS_SYMMETRIC_MATRIX_H_

#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "kernels/objective/normal_equations.h"

// Symmetric matrices of a few rows, as plain vectors. Eigen stays in the source file, where its decompositions are
// compiled once.

namespace ctxfit {

// The coordinates in `free_set`, ascending.
std::vector<int> FreeCoordinates(const bool* free_set);

// The rows and columns `coordinates`, ascending, of J' W J: coordinates.size() squared elements.
std::vector<double> DenseMatrix(const NormalEquations& equations, const std::vector<int>& coordinates);

// The factors L D L' of a symmetric matrix (Cholesky's without square roots).
class LdltFactor {
 public:
  // `matrix` has `size` squared elements, size >= 1.
  LdltFactor(absl::Span<const double> matrix, int size);
  ~LdltFactor();

  // False where the reciprocal condition number is estimated at 1e-14 or less. Eigen's estimate overlooks a pivot of
  // exactly 0, in whose direction solutions are 0.
  bool is_invertible() const;

  // Replace B, whose columns or rows are stored one after the other, by `matrix`^-1 B. The two round differently.
  void SolveColumnMajor(absl::Span<double> b) const;
  void SolveRowMajor(absl::Span<double> b) const;

  // `matrix`^-1, of `size` squared elements.
  std::vector<double> Inverse() const;

 private:
  struct Factored;
  const int size_;
  const std::unique_ptr<const Factored> factored_;
};

struct EigenDecomposition {
  std::vector<double> values;   // ascending
  std::vector<double> vectors;  // vectors of unit length, one after the other
};

// The eigenvalues and eigenvectors of a symmetric matrix of `size` squared elements.
EigenDecomposition DecomposeSymmetric(absl::Span<const double> matrix, int size);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_NUMERICS_SYMMETRIC_MATRIX_H_
