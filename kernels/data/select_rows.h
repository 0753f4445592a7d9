#ifndef CTXFIT_KERNELS_DATA_SELECT_ROWS_H_
#define CTXFIT_KERNELS_DATA_SELECT_ROWS_H_

#include <cstddef>
#include <vector>

#include "kernels/data/observations.h"

namespace ctxfit {

// Those elements of a column that is empty or of full length.
template <class T>
std::vector<T> Pick(const std::vector<T>& column, const std::vector<std::size_t>& rows) {
  std::vector<T> picked;
  if (column.empty()) return picked;
  picked.reserve(rows.size());
  for (const std::size_t row : rows) picked.push_back(column[row]);
  return picked;
}

// Whether a part of observations numbers the units that it has anew, in the same order, or keeps their numbers, by
// which replicates weigh them: then not every one below `unit_count` occurs.
enum class UnitNumbers { kNew, kKeep };

// Those rows of `observations`, ascending.
Observations Select(const Observations& observations, const std::vector<std::size_t>& rows,
                    UnitNumbers numbers = UnitNumbers::kNew);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_SELECT_ROWS_H_
