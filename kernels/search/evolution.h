#ifndef CTXFIT_KERNELS_SEARCH_EVOLUTION_H_
#define CTXFIT_KERNELS_SEARCH_EVOLUTION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/proposal.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct Cells;
struct SearchOptions;
class Trace;

// The reason why a search ended. Deviance units are cost differences divided by sigma^2 = best cost / degrees of
// freedom, where the cost includes within_cost; they do not depend on the scale of the weights.
enum class SearchTermination {
  kConverged,        // (mean - best) / sigma^2 < tolerance
  kStagnated,        // the best fell by less than the tolerance over the last stagnation_generations
  kGenerationLimit,  // max_generations were run
  kNothingToFit,     // every parameter is fixed
};

// A callback that is called between generations with the generation and the best cost so far.
using SearchObserver = std::function<void(int generation, double best_cost)>;

// The differential evolution of one task's population. What it refers to must outlive it; `trace` may be null.
struct Evolution {
  const Cells& cells;
  const Domain& domain;
  const SearchOptions& options;
  std::uint64_t seed;
  int candidate_count;
  SearchObserver observer;
  Trace* trace;
};

struct EvolutionEnd {
  SearchTermination termination = SearchTermination::kNothingToFit;
  std::string termination_message;  // the inequality with its numbers
  int generation_count = 0;
  std::int64_t evaluation_count = 0;
  std::int64_t non_finite_count = 0;
  std::vector<Point> best;   // the best distinct candidates, at least one
  std::vector<Point> early;  // those of the first generation
  absl::Duration duration;   // to its own end, whatever evolves beside it
};

// How the trials of a population are made.
ProposalSettings MakeSettings(const Domain& domain, const SearchOptions& options, std::uint64_t seed);

// Evolves populations in one search, or one search after the other where the memory of `backend` does not hold them
// all. Each ends by itself, as it would alone; their options have the same limit of generations. Those without a free
// coordinate do not run. Errors: those of `stop` and of the backend.
absl::StatusOr<std::vector<EvolutionEnd>> Evolve(Backend& backend, absl::Span<const Evolution> evolutions,
                                                 const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_EVOLUTION_H_
