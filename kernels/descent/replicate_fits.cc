#include "kernels/descent/replicate_fits.h"

#include <algorithm>
#include <cstddef>

namespace ctxfit {

ReplicateFits CollectReplicates(const std::vector<LmState>& states) {
  ReplicateFits fits;
  for (const LmState& state : states) {
    fits.points.push_back(state.best);
    fits.converged.push_back(state.converged);
    fits.max_iteration_count = std::max(fits.max_iteration_count, state.iterations);
  }
  return fits;
}

std::vector<std::uint32_t> BeyondMoments(const std::vector<LmState>& states, double highest_exponent) {
  std::vector<std::uint32_t> indices;
  for (std::size_t b = 0; b < states.size(); ++b) {
    if (!(states[b].best.at[kContextExponent] <= highest_exponent)) indices.push_back(static_cast<std::uint32_t>(b));
  }
  return indices;
}

}  // namespace ctxfit
