#include "kernels/statistics/errors/influence.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/statistics/errors/unit_scores.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

// Calls visit(i, j, k) for i >= j >= k.
template <class Visit>
void VisitCube(int size, const Visit& visit) {
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j <= i; ++j) {
      for (int k = 0; k <= j; ++k) visit(i, j, k);
    }
  }
}

// The number of elements of the full tensor that element (i, j, k) of the packed one stands for.
int Multiplicity(int i, int j, int k) { return i == j && j == k ? 1 : i == j || j == k ? 3 : 6; }

}  // namespace

std::optional<Influence> MeasureInfluence(const Cells& cells, const NormalEquations& curvature, const bool* free_set,
                                          const Point& point) {
  const std::vector<int> chosen = FreeCoordinates(free_set);
  if (chosen.empty()) return std::nullopt;
  const auto size = static_cast<int>(chosen.size());
  const LdltFactor hessian(DenseMatrix(curvature, chosen), size);
  if (!hessian.is_invertible()) return std::nullopt;
  UnitScores scores =
      SumUnitScores(cells, point, chosen, cells.unit_count, [&cells](std::int32_t cell) { return cells.unit[cell]; });
  CentreWithinStrata(cells.stratum_begin, scores);
  std::vector<double> influences = std::move(scores.values);
  hessian.SolveColumnMajor(absl::MakeSpan(influences));
  Influence influence;
  for (std::size_t begin = 0; begin < influences.size(); begin += chosen.size()) {
    const double* u = influences.data() + begin;
    VisitCube(size, [&](int i, int j, int k) {
      influence.third[CubeIndex(chosen[i], chosen[j], chosen[k])] += u[i] * u[j] * u[k];
      if (k == 0) influence.second[PackedIndex(chosen[i], chosen[j])] += u[i] * u[j];
    });
  }
  return influence;
}

double Acceleration(const Influence& influence, const double (&gradient)[kCoordinateCount]) {
  double second = 0;
  double third = 0;
  VisitCube(kCoordinateCount, [&](int i, int j, int k) {
    third += Multiplicity(i, j, k) * gradient[i] * gradient[j] * gradient[k] * influence.third[CubeIndex(i, j, k)];
    if (k == 0) second += (i == j ? 1 : 2) * gradient[i] * gradient[j] * influence.second[PackedIndex(i, j)];
  });
  const double acceleration = third / (6 * std::pow(second, 1.5));
  return std::isfinite(acceleration) ? acceleration : 0;
}

}  // namespace ctxfit
