#ifndef CTXFIT_KERNELS_PREDICT_LAW_ROWS_H_
#define CTXFIT_KERNELS_PREDICT_LAW_ROWS_H_

#include <cstddef>
#include <vector>

#include "kernels/base/aligned_vector.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

struct Excess;
struct VectorKernels;

// Many laws, one per vector element: each coordinate is a row with a number per law.
class LawRows {
 public:
  // The laws at `points`, at least one. `kernels` must live as long.
  LawRows(const VectorKernels& kernels, const std::vector<Point>& points);

  // The length of a row, which starts at a multiple of 64 bytes: a number per law in the order of the points, and
  // padding.
  std::size_t size() const { return size_; }

  // Compute a row of f at ln(C / C^c), or of g at ln(n / n^c).
  void ComputeFactors(double log_compute, double* factors) const;
  void ContextFactors(double log_prompt, double* factors) const;

  // Computes a row of scores from the rows of f and g, in either order, and the record's penalty.
  void Scores(const double* factors, const double* other_factors, const Excess& excess, double* scores) const;

 private:
  double* Row(int row) { return rows_.data() + static_cast<std::size_t>(row) * size_; }
  const double* Row(int row) const { return rows_.data() + static_cast<std::size_t>(row) * size_; }

  const VectorKernels& kernels_;
  const Point first_;
  const bool shares_penalty_;
  const std::size_t size_;
  AlignedVector<double> rows_;  // kCoordinateCount rows
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_LAW_ROWS_H_
