#ifndef CTXFIT_KERNELS_BACKEND_PROPOSAL_H_
#define CTXFIT_KERNELS_BACKEND_PROPOSAL_H_

#include <cstdint>

#include "kernels/base/host_device.h"
#include "kernels/base/philox.h"
#include "kernels/law/coordinate.h"

// Differential evolution best/1/bin (Storn and Price 1997) with deferred replacement: every trial of a generation is
// made from the population at its start, so the order of members cannot matter.

namespace ctxfit {

// The settings of the proposals, in single precision like the search.
struct ProposalSettings {
  std::uint64_t seed;
  BasicPoint<float> lower;
  BasicPoint<float> upper;
  bool free[kCoordinateCount];
  float crossover;       // in [0, 1]
  float mutation_lower;  // range of the mutation factor
  float mutation_upper;
};

// Draws the mutation factor F of a generation, uniform in [mutation_lower, mutation_upper].
CTXFIT_HD float MutationFactor(const ProposalSettings& settings, std::uint32_t generation) {
  const float u = UniformFloat(Draw(settings.seed, Purpose::kMutationFactor, generation, 0).word[0]);
  return settings.mutation_lower + (settings.mutation_upper - settings.mutation_lower) * u;
}

// The members whose difference a mutant adds to the best one.
struct Partners {
  std::uint32_t first;
  std::uint32_t second;
};

// Chooses two of `count` >= 3 members, distinct from `member` and from each other.
CTXFIT_HD Partners ChoosePartners(RandomWords words, std::uint32_t member, std::uint32_t count) {
  std::uint32_t first = UniformBelow(words.word[0], count - 1);
  first += first >= member;
  const std::uint32_t low = first < member ? first : member;
  const std::uint32_t high = first < member ? member : first;
  std::uint32_t second = UniformBelow(words.word[1], count - 2);
  second += second >= low;
  second += second >= high;
  return {first, second};
}

// Makes the trial of `member` in `generation`. Each free coordinate is taken from the mutant best + F (x_first -
// x_second) with probability `crossover`, one of them always; the others stay the member's own. A mutant's coordinate
// beyond a bound is replaced by the midpoint of the member's coordinate and that bound, because clamping would collapse
// the population onto the face.
CTXFIT_HD BasicPoint<float> Propose(const BasicPoint<float>* population, std::uint32_t count, std::uint32_t best,
                                    const ProposalSettings& settings, std::uint32_t generation, std::uint32_t member) {
  const RandomWords choice = Draw(settings.seed, Purpose::kProposal, generation, member);
  RandomWords crossover = Draw(settings.seed, Purpose::kCrossover, generation, member);
  const Partners partners = ChoosePartners(choice, member, count);
  const float factor = MutationFactor(settings, generation);
  std::uint32_t free_count = 0;
  for (int i = 0; i < kCoordinateCount; ++i) free_count += settings.free[i];
  std::uint32_t forced = UniformBelow(choice.word[2], free_count);

  BasicPoint<float> trial = population[member];
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!settings.free[i]) continue;
    if (i >= 4) crossover = Draw(settings.seed, Purpose::kLaterCrossover, generation, member);
    const bool is_forced = forced-- == 0;
    if (!is_forced && UniformFloat(crossover.word[i % 4]) >= settings.crossover) continue;
    const float mutant =
        population[best].at[i] + factor * (population[partners.first].at[i] - population[partners.second].at[i]);
    if (mutant < settings.lower.at[i]) {
      trial.at[i] = 0.5f * (trial.at[i] + settings.lower.at[i]);
    } else if (mutant > settings.upper.at[i]) {
      trial.at[i] = 0.5f * (trial.at[i] + settings.upper.at[i]);
    } else {
      trial.at[i] = mutant;
    }
  }
  return trial;
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_PROPOSAL_H_
