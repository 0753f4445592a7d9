#ifndef CTXFIT_KERNELS_DATA_SELECT_ROWS_H_
#define CTXFIT_KERNELS_DATA_SELECT_ROWS_H_

#include <cstddef>
#include <vector>

#include "kernels/data/observations.h"

namespace ctxfit {

// The elements of a column in those rows; empty if the column is.
template <class T>
std::vector<T> Pick(const std::vector<T>& column, const std::vector<std::size_t>& rows) {
  std::vector<T> picked;
  if (column.empty()) return picked;
  picked.reserve(rows.size());
  for (const std::size_t row : rows) picked.push_back(column[row]);
  return picked;
}

// Numbering of the resampling units in a selection of rows.
enum class UnitNumbers {
  kRenumber,  // by their order, without gaps: every unit below `unit_count` occurs
  kKeep,      // numbers of the whole, so that a replicate weighs a unit alike in both; some may not occur
};

// Selects rows of `observations`. `rows` are ascending.
Observations Select(const Observations& observations, const std::vector<std::size_t>& rows,
                    UnitNumbers numbers = UnitNumbers::kRenumber);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_SELECT_ROWS_H_
