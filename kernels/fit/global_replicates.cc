#include "kernels/fit/global_replicates.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/refine.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/objective/linearization.h"
#include "kernels/resample/unit_weights.h"
#include "kernels/search/evolution.h"
#include "kernels/search/search.h"

namespace ctxfit {
namespace {

// Bytes of cells that replicates whose populations evolve together have at most, and what a cell takes.
constexpr std::size_t kMaxCellBytes = std::size_t{256} << 20;
constexpr std::size_t kCellBytes = 64;

// The replicates whose populations evolve together.
int CountTogether(const Backend& backend, const Cells& cells) {
  if (!backend.EvolvesTasksTogether()) return 1;
  return static_cast<int>(std::clamp<std::size_t>(kMaxCellBytes / (kCellBytes * cells.size()), 1, 1024));
}

// The search of one replicate over its cells.
class ReplicateSearch {
 public:
  ReplicateSearch(const Backend& backend, Cells cells, const Domain& domain, const FitOptions& options)
      : cells_(std::move(cells)),
        domain_(domain),
        search_(
            backend, cells_, domain, options.search, options.seed, [](int, double) {}, nullptr) {}

  Evolution evolution() const { return search_.evolution(); }
  const Cells& cells() const { return cells_; }

  absl::StatusOr<Refinement> Finish(Backend& backend, const EvolutionEnd& end, const StopSignal& stop) const {
    CTXFIT_ASSIGN_OR_RETURN(const SearchResult found, search_.Descend(backend, end, stop));
    return Refine(cells_, domain_, found.starts, backend.Host(), stop);
  }

 private:
  const Cells cells_;
  const Domain& domain_;
  const GlobalSearch search_;
};

}  // namespace

absl::StatusOr<GlobalReplicates> RefitGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                               const FitOptions& options, const ReplicateRequest& request,
                                               const StopSignal& stop, ReplicateFits& fits) {
  const int count = options.bootstrap.global_replicates;
  const int together = CountTogether(backend, cells);
  GlobalReplicates report;
  while (report.count < count) {
    std::vector<std::unique_ptr<ReplicateSearch>> searches;
    std::vector<Evolution> evolutions;
    for (int b = report.count; b < std::min(count, report.count + together); ++b) {
      Cells weighted = cells;
      weighted.weight = ReplicateCellWeights(cells, request.weights, b, stop);
      CTXFIT_RETURN_IF_ERROR(stop.Check());
      searches.push_back(std::make_unique<ReplicateSearch>(backend, std::move(weighted), domain, options));
      evolutions.push_back(searches.back()->evolution());
    }
    CTXFIT_ASSIGN_OR_RETURN(const std::vector<EvolutionEnd> ends, Evolve(backend, evolutions, stop));
    for (std::size_t i = 0; i < searches.size(); ++i) {
      CTXFIT_ASSIGN_OR_RETURN(const Refinement refinement, searches[i]->Finish(backend, ends[i], stop));
      const int b = report.count++;
      const double gain =
          (WeightedCost(searches[i]->cells(), fits.points[b]) - refinement.final_cost) / request.criteria.variance;
      if (gain <= kAgreement) {
        ++report.agreeing_count;
        continue;
      }
      ++report.better_count;
      fits.points[b] = refinement.point;
      fits.converged[b] = refinement.converged;
    }
  }
  return report;
}

}  // namespace ctxfit
