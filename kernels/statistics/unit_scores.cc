#include "kernels/statistics/unit_scores.h"

#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/objective/linearization.h"

namespace ctxfit {

std::vector<int> ChosenCoordinates(const bool* free_set) {
  std::vector<int> chosen;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (free_set[i]) chosen.push_back(i);
  }
  return chosen;
}

UnitScores SumUnitScores(const Cells& cells, const Point& point, const std::vector<int>& chosen, std::size_t count,
                         absl::FunctionRef<std::int32_t(std::int32_t cell)> unit_of) {
  const auto size = static_cast<Eigen::Index>(chosen.size());
  UnitScores scores = UnitScores::Zero(static_cast<Eigen::Index>(count), size);
  VisitPulls(cells, point, [&](std::int32_t cell, double pull, const double* gradient) {
    double* unit = scores.data() + unit_of(cell) * size;
    for (Eigen::Index i = 0; i < size; ++i) unit[i] += pull * gradient[chosen[i]];
  });
  return scores;
}

void CentreWithinStrata(const std::vector<std::int32_t>& stratum_begin, UnitScores& scores) {
  for (std::size_t s = 0; s + 1 < stratum_begin.size(); ++s) {
    auto stratum = scores.middleRows(stratum_begin[s], stratum_begin[s + 1] - stratum_begin[s]);
    stratum.rowwise() -= stratum.colwise().mean().eval();
  }
}

std::optional<Eigen::LDLT<Eigen::MatrixXd>> FactoredHessian(const NormalEquations& curvature,
                                                            const std::vector<int>& chosen) {
  const auto size = static_cast<Eigen::Index>(chosen.size());
  Eigen::MatrixXd hessian(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      hessian(i, j) = hessian(j, i) = curvature.jtj[PackedIndex(chosen[i], chosen[j])];
    }
  }
  Eigen::LDLT<Eigen::MatrixXd> factored(hessian);
  if (factored.info() != Eigen::Success || !(factored.rcond() > 1e-14)) return std::nullopt;
  return factored;
}

}  // namespace ctxfit
