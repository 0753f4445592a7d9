#ifndef CTXFIT_KERNELS_CANONICAL_ORDER_H_
#define CTXFIT_KERNELS_CANONICAL_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/observations.h"

namespace ctxfit {

// Labels of some rows, numbered by their order.
struct LabelRanks {
  std::vector<std::int32_t> of_row;  // in the order of the rows; empty where the column is
  std::int32_t count = 0;
};

// Numbers the labels that `column` has in `rows`.
LabelRanks RankLabels(const std::vector<std::string>& column, const std::vector<std::size_t>& rows);

// Rows of a table in canonical order: by prompt length, compute, limit, clusters, and then by every other column that
// a fit sees. Rows that compare equal are interchangeable.
struct CanonicalOrder {
  std::vector<std::size_t> rows;
  LabelRanks cluster;
  LabelRanks cluster_2;
};

CanonicalOrder SortCanonically(const ObservationTable& table, const std::vector<std::size_t>& rows);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_CANONICAL_ORDER_H_
