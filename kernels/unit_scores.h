#ifndef CTXFIT_KERNELS_UNIT_SCORES_H_
#define CTXFIT_KERNELS_UNIT_SCORES_H_

#include <Eigen/Dense>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cells.h"
#include "kernels/law.h"

namespace ctxfit {

// The sums of w r dP over units, a row each: what every unit adds to the direction of descent.
using UnitScores = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The coordinates in `movable`.
std::vector<int> ChosenCoordinates(const bool* movable);

// Scores of the cells of a law at a point, by any units.
class CellScores {
 public:
  CellScores(const Cells& cells, const Point& point);

  // The scores of `count` units, of which `unit_of` gives that of each cell, by the chosen coordinates.
  template <class UnitOf>
  UnitScores Sum(const std::vector<int>& chosen, std::size_t count, const UnitOf& unit_of) const {
    const auto size = static_cast<Eigen::Index>(chosen.size());
    UnitScores scores = UnitScores::Zero(static_cast<Eigen::Index>(count), size);
    for (Eigen::Index cell = 0; cell < residuals_.size(); ++cell) {
      const Eigen::Index unit = unit_of(cell);
      for (Eigen::Index i = 0; i < size; ++i) scores(unit, i) -= residuals_(cell) * jacobian_(cell, chosen[i]);
    }
    return scores;
  }

 private:
  Eigen::VectorXd residuals_;
  UnitScores jacobian_;
};

// Takes scores about the mean of their stratum; units of stratum s are [stratum_begin[s], stratum_begin[s + 1]).
// Without strata they stay as they are: at an optimum they sum to 0.
void CentreWithinStrata(const std::vector<std::int32_t>& stratum_begin, UnitScores& scores);

// The cost's second derivatives, halved, by the chosen coordinates, factored; unset where they are singular.
std::optional<Eigen::LDLT<Eigen::MatrixXd>> FactoredHessian(const Cells& cells, const Point& point,
                                                            const std::vector<int>& chosen);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_UNIT_SCORES_H_
