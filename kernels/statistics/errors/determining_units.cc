#include "kernels/statistics/errors/determining_units.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/objective/linearization.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {

CoordinateUnits FindDeterminingUnits(const Cells& cells, const NormalEquations& curvature, const bool* free_set,
                                     const Point& point) {
  CoordinateUnits units{};
  const std::vector<int> chosen = FreeCoordinates(free_set);
  const std::size_t size = chosen.size();
  if (chosen.empty()) return units;
  const LdltFactor hessian(DenseMatrix(curvature, chosen), static_cast<int>(size));
  if (!hessian.is_invertible()) return units;
  const std::vector<double> inverse = hessian.Inverse();

  std::vector<std::vector<double>> parts(size, std::vector<double>(cells.unit_count));
  VisitWeightedResiduals(cells, point, [&](std::int32_t cell, double, const double* jacobian) {
    for (std::size_t i = 0; i < size; ++i) {
      double influence = 0;
      for (std::size_t j = 0; j < size; ++j) influence += inverse[i * size + j] * jacobian[chosen[j]];
      parts[i][cells.unit[cell]] += influence * influence;
    }
  });
  for (std::size_t i = 0; i < size; ++i) units[chosen[i]] = KishNumber(parts[i]);
  return units;
}

}  // namespace ctxfit
