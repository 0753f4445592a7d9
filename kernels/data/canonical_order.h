#ifndef CTXFIT_KERNELS_DATA_CANONICAL_ORDER_H_
#define CTXFIT_KERNELS_DATA_CANONICAL_ORDER_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/observations.h"
#include "kernels/data/ranks.h"

namespace ctxfit {

// Rows of a table in canonical order: by prompt length, compute, limit, cluster, second cluster, score, weight, score
// variance and group. Rows that compare equal are interchangeable, and keep their order. Columns have an element per
// row, in canonical order.
struct CanonicalOrder {
  std::vector<std::size_t> rows;       // indices into the table
  std::vector<Covariates> covariates;  // the combinations that occur, each once
  std::vector<std::size_t> begin;      // index of the first row of each combination, and the number of rows
  std::vector<double> score;
  Ranks cluster;    // by label; empty if the table has none
  Ranks cluster_2;  // by label; empty if the table has none
};

// Sorts some rows of a table, which keeps the rules of ObservationTable. The number of threads changes no column of the
// result; the order of `rows` decides only which of interchangeable rows comes first.
CanonicalOrder SortCanonically(const ObservationTable& table, const std::vector<std::size_t>& rows, ThreadPool& pool);

// Gives what SortCanonically() gives, on the threads of `pool` or on a device. Called concurrently.
using RowSorter = std::function<absl::StatusOr<CanonicalOrder>(const ObservationTable& table,
                                                               const std::vector<std::size_t>& rows, ThreadPool& pool)>;

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_CANONICAL_ORDER_H_
