#ifndef CTXFIT_KERNELS_SEARCH_SEARCH_H_
#define CTXFIT_KERNELS_SEARCH_SEARCH_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/cells.h"
#include "kernels/law/domain.h"
#include "kernels/law/search_over.h"
#include "kernels/search/evolution.h"
#include "kernels/search/search_result.h"

namespace ctxfit {

class Trace;
struct SearchOptions;

// The search of the domain for the optimum of one task's law: a differential evolution, which Evolve() runs, and
// descents after it.
class GlobalSearch {
 public:
  // Chooses what to evolve over, as options.over says: `cells` themselves or cells coarsened to kCoarsePrompts
  // prompt lengths, whose costs are accurate enough to find basins. What `options` leave open is for `backend` to say.
  // The others must outlive the search; `trace` may be null.
  GlobalSearch(const Backend& backend, const Cells& cells, const Domain& domain, const SearchOptions& options,
               std::uint64_t seed, SearchObserver observer, Trace* trace);
  GlobalSearch(const GlobalSearch&) = delete;
  GlobalSearch& operator=(const GlobalSearch&) = delete;

  // The evolution, which refers to this search.
  Evolution evolution() const;

  // Descends by Multistart() from the best distinct candidates of the evolution, over coarse cells, or over `cells` if
  // they are few and the penalty is fitted; a search over bins runs over the same cells.
  // The other starts lie where other basins may be: about the best end, those of starts.h, which do not depend on the
  // seed; and while nothing confirms the best end, the best distinct candidates of the first generation, which still
  // populate every basin while the last ones populate one. Errors: those of `stop` and of the backend.
  absl::StatusOr<SearchResult> Descend(Backend& backend, const EvolutionEnd& end, const StopSignal& stop) const;

 private:
  // The cells that the population is evaluated against.
  const Cells& searched() const { return over_ == SearchOver::kBins ? coarse_ : cells_; }

  const Cells& cells_;
  const Domain& domain_;
  const SearchOptions& options_;
  const std::uint64_t seed_;
  const SearchObserver observer_;
  Trace* const trace_;
  const SearchOver over_;
  const int candidate_count_;
  Cells coarse_;
  absl::Duration preparation_;
};

// Evolves and descends.
absl::StatusOr<SearchResult> SearchGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                            const SearchOptions& options, std::uint64_t seed, const StopSignal& stop,
                                            const SearchObserver& observer, Trace* trace = nullptr);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_SEARCH_SEARCH_H_
