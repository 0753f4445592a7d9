#ifndef CTXFIT_KERNELS_DATA_RESIDUALS_H_
#define CTXFIT_KERNELS_DATA_RESIDUALS_H_

#include <cstddef>
#include <vector>

#include "kernels/data/observations.h"

namespace ctxfit {

// Calls visit(k, row, residual) for every row. k is the index of the row's combination of covariates, and `residual`
// its score less expected[k], the expected score of that combination.
template <class Visit>
void VisitResiduals(const Observations& observations, const std::vector<double>& expected, const Visit& visit) {
  for (std::size_t k = 0; k < expected.size(); ++k) {
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      visit(k, row, observations.score[row] - expected[k]);
    }
  }
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_RESIDUALS_H_
