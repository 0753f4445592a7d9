#ifndef CTXFIT_KERNELS_DATA_RANKED_ROWS_H_
#define CTXFIT_KERNELS_DATA_RANKED_ROWS_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "kernels/base/thread_pool.h"
#include "kernels/data/observations.h"
#include "kernels/data/ranks.h"

namespace ctxfit {

// A model level: compute in FLOP, and context limit in tokens.
using Level = std::pair<double, double>;

// Some rows of a table with their ranks in the columns that the canonical order compares first. Refers to the table and
// to the rows.
struct RankedRows {
  const ObservationTable& table;
  const std::vector<std::size_t>& rows;
  Ranks prompt;
  Ranks level;
  Ranks cluster;
  Ranks cluster_2;
  std::vector<double> prompt_values;  // by rank
  std::vector<Level> level_values;    // by rank
  // True if rows that agree in all ranks can differ only in a score that is 0 or 1.
  bool differ_by_bit_alone;
};

RankedRows RankRows(const ObservationTable& table, const std::vector<std::size_t>& rows, ThreadPool& pool);

// Ranks of the model levels of `rows`.
Ranks RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_RANKED_ROWS_H_
