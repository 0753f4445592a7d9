#ifndef CTXFIT_KERNELS_STATISTICS_ERRORS_UNIT_SCORES_H_
#define CTXFIT_KERNELS_STATISTICS_ERRORS_UNIT_SCORES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

struct Cells;

// The score of each resampling unit, sum w r dP over its rows by the chosen coordinates: the part of the unit in the
// direction of descent J' W r.
struct UnitScores {
  std::size_t size = 0;        // chosen coordinates
  std::vector<double> values;  // `size` of each unit, unit by unit

  std::size_t unit_count() const { return values.size() / size; }
  // The scores of `count` units from unit `begin` on.
  absl::Span<const double> Units(std::size_t begin, std::size_t count) const {
    return absl::MakeConstSpan(values).subspan(begin * size, count * size);
  }
};

// Sums the scores of `count` units at `point` by the coordinates `chosen`, at least one. unit_of(cell) is the unit of a
// cell, in [0, count).
UnitScores SumUnitScores(const Cells& cells, const Point& point, const std::vector<int>& chosen, std::size_t count,
                         absl::FunctionRef<std::int32_t(std::int32_t cell)> unit_of);

// Subtracts the mean score of a stratum from those of its units, [stratum_begin[s], stratum_begin[s + 1]). Scores
// without strata stay as they are: at an optimum they sum to 0.
void CentreWithinStrata(const std::vector<std::int32_t>& stratum_begin, UnitScores& scores);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ERRORS_UNIT_SCORES_H_
