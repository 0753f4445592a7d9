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
#include "kernels/law/search_over.h"

namespace ctxfit {

struct FitOptions;
struct Cells;
class Trace;

// The reason why a search ended. Deviance units are cost differences divided by sigma^2 = best cost / degrees of
// freedom, where the cost includes within_cost; they do not depend on the scale of the weights.
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
  SearchOver over = SearchOver::kObservations;  // kBins only where bins merged cells
  std::int64_t cell_count = 0;                  // cells that each candidate was evaluated against
  // Evaluations times observations per second of the evolution's wall time, without the descents. Cells that stand for
  // many observations make it larger than the work done, evaluations times cell_count.
  double candidate_records_per_second = 0;
  Point best{};          // the best candidate
  double best_cost = 0;  // cost of the best candidate over all cells, with within_cost
  // The candidate basins for the refinement: ends of the descents by Multistart(), the best first.
  std::vector<Point> starts;
  absl::Duration duration;
};

// A callback that is called between generations with the generation and the best cost so far.
using SearchObserver = std::function<void(int generation, double best_cost)>;

// Draws the initial population: a Latin hypercube (McKay et al. 1979) over the free coordinates of the domain.
std::vector<BasicPoint<float>> LatinHypercube(const Domain& domain, int count, std::uint64_t seed);

// Picks up to `count` members in the order of their costs: first those that differ from every earlier pick by more than
// 1 % of some coordinate's range, then, if these are too few, those that differ at all.
std::vector<Point> BestDistinct(const Population& population, const Domain& domain, int count);

// Searches the domain for the law's optimum by differential evolution on `backend`, over `cells` themselves or over
// cells coarsened to kCoarsePrompts prompt lengths, whose costs are accurate enough to find basins, as
// options.search.over says. Then descends by Multistart() from the best distinct candidates, over coarse cells, or over
// `cells` if they are few and the penalty is fitted; a search over bins runs over the same cells.
// The other starts lie where other basins may be: about the best end, those of starts.h, which do not depend on the
// seed; and while nothing confirms the best end, the best distinct candidates of the first generation, which still
// populate every basin while the last ones populate one. Errors: those of `stop` and of the backend. `trace` may be
// null.
absl::StatusOr<SearchResult> SearchGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                            const FitOptions& options, const StopSignal& stop,
                                            const SearchObserver& observer, Trace* trace = nullptr);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_SEARCH_H_
