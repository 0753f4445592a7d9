#include "kernels/unit_scores.h"

#include "kernels/linearization.h"

namespace ctxfit {

std::vector<int> ChosenCoordinates(const bool* movable) {
  std::vector<int> chosen;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (movable[i]) chosen.push_back(i);
  }
  return chosen;
}

CellScores::CellScores(const Cells& cells, const Point& point)
    : residuals_(static_cast<Eigen::Index>(cells.size())),
      jacobian_(static_cast<Eigen::Index>(cells.size()), cells.coordinate_count()) {
  WeightedResiduals(cells, point, residuals_.data(), jacobian_.data());
}

void CentreWithinStrata(const std::vector<std::int32_t>& stratum_begin, UnitScores& scores) {
  for (std::size_t s = 0; s + 1 < stratum_begin.size(); ++s) {
    auto stratum = scores.middleRows(stratum_begin[s], stratum_begin[s + 1] - stratum_begin[s]);
    stratum.rowwise() -= stratum.colwise().mean().eval();
  }
}

std::optional<Eigen::LDLT<Eigen::MatrixXd>> FactoredHessian(const Cells& cells, const Point& point,
                                                            const std::vector<int>& chosen) {
  const NormalEquations equations = Linearize(cells, point, Curvature::kObserved);
  const auto size = static_cast<Eigen::Index>(chosen.size());
  Eigen::MatrixXd hessian(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      hessian(i, j) = hessian(j, i) = equations.jtj[PackedIndex(chosen[i], chosen[j])];
    }
  }
  Eigen::LDLT<Eigen::MatrixXd> factored(hessian);
  if (factored.info() != Eigen::Success || !(factored.rcond() > 1e-14)) return std::nullopt;
  return factored;
}

}  // namespace ctxfit
