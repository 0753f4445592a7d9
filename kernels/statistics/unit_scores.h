#ifndef CTXFIT_KERNELS_STATISTICS_UNIT_SCORES_H_
#define CTXFIT_KERNELS_STATISTICS_UNIT_SCORES_H_

#include <Eigen/Dense>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;

// The sums of w r dP over units, a row each: what every unit adds to the direction of descent.
using UnitScores = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The coordinates in `free_set`.
std::vector<int> ChosenCoordinates(const bool* free_set);

// The scores of `count` units at a point, by the chosen coordinates. `unit_of` gives the unit of a cell.
UnitScores SumUnitScores(const Cells& cells, const Point& point, const std::vector<int>& chosen, std::size_t count,
                         absl::FunctionRef<std::int32_t(std::int32_t cell)> unit_of);

// Takes scores about the mean of their stratum; units of stratum s are [stratum_begin[s], stratum_begin[s + 1]).
// Without strata they stay as they are: at an optimum they sum to 0.
void CentreWithinStrata(const std::vector<std::int32_t>& stratum_begin, UnitScores& scores);

// The second derivatives of `curvature` by the chosen coordinates, factored; unset where they are singular.
std::optional<Eigen::LDLT<Eigen::MatrixXd>> FactoredHessian(const NormalEquations& curvature,
                                                            const std::vector<int>& chosen);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_UNIT_SCORES_H_
