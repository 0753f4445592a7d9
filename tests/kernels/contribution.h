#ifndef CTXFIT_TESTS_KERNELS_CONTRIBUTION_H_
#define CTXFIT_TESTS_KERNELS_CONTRIBUTION_H_

#include <vector>

#include "kernels/data/cells.h"
#include "kernels/statistics/errors/contribution.h"

namespace ctxfit {

// The contribution of cells whose records all carry information.
inline Contribution AllContribute(const Cells& cells) {
  return {static_cast<double>(cells.record_count), std::vector<bool>(cells.unit_count, true),
          std::vector<bool>(cells.unit_2_count, true)};
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_CONTRIBUTION_H_
