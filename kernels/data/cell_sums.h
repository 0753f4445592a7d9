#ifndef CTXFIT_KERNELS_DATA_CELL_SUMS_H_
#define CTXFIT_KERNELS_DATA_CELL_SUMS_H_

#include <cstddef>

#include "kernels/base/host_device.h"
#include "kernels/law/loss_rule.h"

// The sums over the rows of a cell, in the order of the rows: written once, for the host and the device, so that both
// get the same bits.

namespace ctxfit {

// The columns of rows that a cell sums.
struct ScoreColumns {
  const double* score;
  const double* weight;    // null: 1 for all
  const double* variance;  // null: 0 for all

  CTXFIT_HD double WeightOf(std::size_t row) const { return weight == nullptr ? 1 : weight[row]; }
  CTXFIT_HD double VarianceOf(std::size_t row) const { return variance == nullptr ? 0 : variance[row]; }
};

struct CellSums {
  double weight = 0;
  double mean = 0;
  double within_cost = 0;
};

// The cost of a row within a cell of mean score `mean` under the squared loss: sum w (y - mean)^2 over its evaluations.
struct WithinSquares {
  CTXFIT_HD double operator()(const ScoreColumns& rows, std::size_t row, double mean) const {
    const double deviation = rows.score[row] - mean;
    return rows.WeightOf(row) * (deviation * deviation + rows.VarianceOf(row));
  }
};

// Total weight, mean and within-cell cost of the rows row_at(0) to row_at(count - 1), in two passes so that nothing
// cancels. One pass suffices if all scores are 0 or 1, which are their own squares. within_cost(rows, row, mean) is the
// cost of a row.
template <class RowAt, class WithinCost>
CTXFIT_HD CellSums SumCell(const ScoreColumns& rows, const RowAt& row_at, std::size_t count, const LossTraits& loss,
                           const WithinCost& within_cost) {
  CellSums sums;
  double score_sum = 0;
  bool bits = loss.is_sum_of_squares && rows.variance == nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const double score = rows.score[row_at(i)];
    const double weight = rows.WeightOf(row_at(i));
    sums.weight += weight;
    score_sum += weight * score;
    bits &= (score == 0) | (score == 1);
  }
  const bool equal = count == 1 || !loss.collapses_means;
  sums.mean = equal ? rows.score[row_at(0)] : score_sum / sums.weight;
  if (bits) {
    sums.within_cost = score_sum * (1 - sums.mean);
    return sums;
  }
  for (std::size_t i = 0; i < count; ++i) sums.within_cost += within_cost(rows, row_at(i), sums.mean);
  return sums;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_CELL_SUMS_H_
