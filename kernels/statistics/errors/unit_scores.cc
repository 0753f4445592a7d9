#include "kernels/statistics/errors/unit_scores.h"

#include <Eigen/Core>

#include "kernels/data/cells.h"
#include "kernels/objective/linearization.h"

namespace ctxfit {

UnitScores SumUnitScores(const Cells& cells, const Point& point, const std::vector<int>& chosen, std::size_t count,
                         absl::FunctionRef<std::int32_t(std::int32_t cell)> unit_of) {
  const std::size_t size = chosen.size();
  UnitScores scores = {size, std::vector<double>(count * size)};
  VisitPulls(cells, point, [&](std::int32_t cell, double pull, const double* gradient) {
    double* unit = scores.values.data() + unit_of(cell) * size;
    for (std::size_t i = 0; i < size; ++i) unit[i] += pull * gradient[chosen[i]];
  });
  return scores;
}

void CentreWithinStrata(const std::vector<std::int32_t>& stratum_begin, UnitScores& scores) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor> matrix(scores.values.data(), static_cast<Eigen::Index>(scores.unit_count()),
                              static_cast<Eigen::Index>(scores.size));
  for (std::size_t s = 0; s + 1 < stratum_begin.size(); ++s) {
    auto stratum = matrix.middleRows(stratum_begin[s], stratum_begin[s + 1] - stratum_begin[s]);
    stratum.rowwise() -= stratum.colwise().mean().eval();
  }
}

}  // namespace ctxfit
