#ifndef CTXFIT_KERNELS_PREDICT_LAW_ROWS_H_
#define CTXFIT_KERNELS_PREDICT_LAW_ROWS_H_

#include <cstddef>
#include <vector>

#include "kernels/base/aligned_vector.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {

// Many laws in rows of a number each, to be scored side by side.
class LawRows {
 public:
  // The laws at `points`, at least one. `kernels` must live as long.
  LawRows(const VectorKernels& kernels, const std::vector<Point>& points);

  // Numbers of a row, which starts at a multiple of 64 bytes: one per law in the order of the points, and padding.
  std::size_t size() const { return size_; }

  // The factors of compute at ln(C / C^c), and of context at ln(n / n^c).
  void ComputeFactors(double log_compute, double* factors) const;
  void ContextFactors(double log_prompt, double* factors) const;

  // The scores where the law's two factors are those, in either order.
  void Scores(const double* factors, const double* other_factors, const Excess& excess, double* scores) const;

 private:
  double* Row(int row) { return rows_.data() + static_cast<std::size_t>(row) * size_; }
  const double* Row(int row) const { return rows_.data() + static_cast<std::size_t>(row) * size_; }

  const VectorKernels& kernels_;
  const Point first_;
  const bool shares_penalty_;
  const std::size_t size_;
  AlignedVector<double> rows_;  // kCoordinateCount of them
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_LAW_ROWS_H_
