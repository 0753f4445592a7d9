#ifndef CTXFIT_TESTS_KERNELS_DATA_THREE_ROWS_H_
#define CTXFIT_TESTS_KERNELS_DATA_THREE_ROWS_H_

#include "kernels/data/observations.h"

namespace ctxfit {

// A valid table without optional columns, in canonical order.
inline ObservationTable ThreeRows() {
  ObservationTable table;
  table.training_compute_flops = {1e22, 2e22, 3e22};
  table.prompt_tokens = {10, 20, 30};
  table.context_limit_tokens = {4096, 4096, 4096};
  table.score = {0.1, 0.2, 0.3};
  return table;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_DATA_THREE_ROWS_H_
