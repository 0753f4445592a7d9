#include "kernels/data/observations.h"

#include <cmath>
#include <numeric>

namespace ctxfit {

std::int64_t Observations::record_count() const {
  if (score_variance.empty() || weight.empty()) return static_cast<std::int64_t>(size());
  return std::llround(std::accumulate(weight.begin(), weight.end(), 0.0));
}

}  // namespace ctxfit
