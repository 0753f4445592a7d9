#ifndef CTXFIT_KERNELS_SEARCH_SEARCH_H_
#define CTXFIT_KERNELS_SEARCH_SEARCH_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"

namespace ctxfit {

struct FitOptions;
struct Cells;
class Trace;

// Why a search ended. Deviance units are cost differences divided by sigma^2 = best cost / degrees of freedom, where
// the cost includes what no law can explain; they do not depend on the scale of the weights.
enum class SearchTermination {
  kConverged,        // (mean - best) / sigma^2 < tolerance
  kStagnated,        // the best fell by less than the tolerance over the last stagnation_generations
  kGenerationLimit,  // max_generations were run
  kNothingToFit,     // every parameter is fixed
};

struct SearchResult {
  SearchTermination termination;
  std::string termination_message;  // the inequality with its numbers
  int generation_count = 0;
  int candidate_count = 0;
  std::int64_t evaluation_count = 0;
  std::int64_t non_finite_count = 0;
  Point best{};          // the best candidate
  double best_cost = 0;  // at it, over all cells, with within_cost
  // For the refinement: the promising ends of descents from the best distinct candidates and from extra_starts, best
  // first.
  std::vector<Point> starts;
  absl::Duration duration;
};

// Called between generations with the generation and the best cost so far.
using SearchObserver = std::function<void(int generation, double best_cost)>;

// The initial population: a Latin hypercube (McKay et al. 1979) over the free coordinates of the domain.
std::vector<BasicPoint<float>> LatinHypercube(const Domain& domain, int count, std::uint64_t seed);

// Picks up to `count` members by cost, each apart from those before it by 1 % of some coordinate's range where there
// are so many, and then by anything at all.
std::vector<Point> BestDistinct(const Population& population, const Domain& domain, int count);

// Searches the domain for the law's optimum by differential evolution on `backend`, over cells as coarse as
// kCoarsePrompts, whose costs are near enough to find a basin by. Goes down over these from the best distinct
// candidates and explores from where other basins may lie: two points on each face where a factor is flat, and the best
// distinct candidates after the first generation, which still lie in all basins, where those at the end lie in one.
// Errors: those of `stop` and of the backend. `trace` may be null.
absl::StatusOr<SearchResult> SearchGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                            const FitOptions& options, const StopSignal& stop,
                                            const SearchObserver& observer, Trace* trace = nullptr);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_SEARCH_H_
