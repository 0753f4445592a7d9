#ifndef CTXFIT_KERNELS_SEARCH_SEARCH_OPTIONS_H_
#define CTXFIT_KERNELS_SEARCH_SEARCH_OPTIONS_H_

#include <optional>

#include "absl/status/status.h"
#include "kernels/law/range.h"
#include "kernels/law/search_over.h"

namespace ctxfit {

// The differential evolution: best/1/bin (Storn and Price 1997) with a new random mutation factor per generation.
struct SearchOptions {
  // Size of the population, in [8, 65536]. Unset: the backend's default, 4096 on a GPU and 128 on a CPU.
  std::optional<int> candidates;
  SearchOver over = SearchOver::kAuto;
  // Limit on generations after the initial one, in [1, 10000].
  int max_generations = 100;
  // The search has converged once (mean cost - best cost) / sigma^2 is below this, in deviance units; > 0.
  double tolerance_deviance = 0.1;
  // The search has stagnated once the best cost fell by less than the tolerance over this many generations; >= 1.
  int stagnation_generations = 25;
  // Crossover rate CR, the share of coordinates taken from the mutant; in [0, 1].
  double crossover = 0.8;
  // Range of the mutation factor F; within (0, 2].
  Range mutation = {0.5, 1.0};
  // Number of distinct best candidates at the end of the search from which descents start; >= 2.
  int refined_candidates = 8;
};

// Returns INVALID_ARGUMENT naming field, value and rule, such as `options.search.candidates = 7: must be in [8,
// 65536]`, unless every option is valid.
absl::Status ValidateSearch(const SearchOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_SEARCH_OPTIONS_H_
