#ifndef CTXFIT_KERNELS_DATA_CANONICAL_ORDER_H_
#define CTXFIT_KERNELS_DATA_CANONICAL_ORDER_H_

#include <cstddef>
#include <vector>

#include "kernels/base/thread_pool.h"
#include "kernels/data/observations.h"
#include "kernels/data/ranks.h"

namespace ctxfit {

// Ranks of the model levels, pairs of compute and limit, of `rows`.
Ranks RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows);

// Rows of a table in canonical order: by prompt length, compute, limit, clusters, and then by every other column that
// a fit sees. Rows that compare equal are interchangeable.
struct CanonicalOrder {
  std::vector<std::size_t> rows;
  std::vector<Covariates> covariates;  // the combinations that occur
  std::vector<std::size_t> begin;      // where each begins among the rows, and the number of rows
  std::vector<double> score;           // of the rows
  Ranks cluster;
  Ranks cluster_2;
};

CanonicalOrder SortCanonically(const ObservationTable& table, const std::vector<std::size_t>& rows, ThreadPool& pool);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_CANONICAL_ORDER_H_
