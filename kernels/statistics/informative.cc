#include "kernels/statistics/informative.h"

#include <algorithm>

#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {

std::vector<bool> FindInformative(const std::vector<double>& expected, const Law& law, const Domain& domain) {
  if (domain.free[kFloor]) return std::vector<bool>(expected.size(), true);
  const double floor = law.point.at[kFloor];
  const double highest = expected.empty() ? floor : *std::max_element(expected.begin(), expected.end());
  const double hopeless = floor + 1e-3 * (highest - floor);
  std::vector<bool> informative;
  for (const double score : expected) informative.push_back(score > hopeless);
  return informative;
}

}  // namespace ctxfit
