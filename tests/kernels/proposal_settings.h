#ifndef CTXFIT_TESTS_KERNELS_PROPOSAL_SETTINGS_H_
#define CTXFIT_TESTS_KERNELS_PROPOSAL_SETTINGS_H_

#include <cstdint>

#include "kernels/backend/proposal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"

namespace ctxfit {

// Settings of an evolution within `domain`.
inline ProposalSettings SettingsOf(const Domain& domain, std::uint64_t seed) {
  ProposalSettings settings{};
  settings.seed = seed;
  for (int i = 0; i < kCoordinateCount; ++i) {
    settings.lower.at[i] = static_cast<float>(domain.lower.at[i]);
    settings.upper.at[i] = static_cast<float>(domain.upper.at[i]);
    settings.free[i] = domain.free[i];
  }
  settings.crossover = 0.8f;
  settings.mutation_lower = 0.5f;
  settings.mutation_upper = 1.0f;
  return settings;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_PROPOSAL_SETTINGS_H_
