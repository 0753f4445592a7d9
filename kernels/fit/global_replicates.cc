#include "kernels/fit/global_replicates.h"

#include <utility>

#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/refine.h"
#include "kernels/law/domain.h"
#include "kernels/law/options.h"
#include "kernels/objective/linearization.h"
#include "kernels/resample/unit_weights.h"
#include "kernels/search/search.h"

namespace ctxfit {
namespace {

absl::StatusOr<Refinement> FitFromScratch(Backend& backend, const Cells& cells, const Domain& domain,
                                          const FitOptions& options, const StopSignal& stop) {
  const absl::StatusOr<SearchResult> search = SearchGlobally(backend, cells, domain, options, stop, [](int, double) {});
  if (!search.ok()) return search.status();
  return Refine(cells, domain, search->starts, backend.Host(), stop);
}

}  // namespace

absl::StatusOr<GlobalReplicates> RefitGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                               const FitOptions& options, const ReplicateRequest& request,
                                               const StopSignal& stop, ReplicateFits& fits) {
  GlobalReplicates report;
  Cells weighed = cells;
  for (int b = 0; b < options.bootstrap.global_replicates; ++b) {
    weighed.weight = ReplicateCellWeights(cells, request.weights, b, stop);
    if (absl::Status status = stop.Check(); !status.ok()) return status;
    absl::StatusOr<Refinement> refinement = FitFromScratch(backend, weighed, domain, options, stop);
    if (!refinement.ok()) return refinement.status();
    const double gain = (WeightedCost(weighed, fits.points[b]) - refinement->final_cost) / request.rule.variance;
    ++report.count;
    if (gain <= kAgreement) {
      ++report.agreeing_count;
      continue;
    }
    ++report.better_count;
    fits.points[b] = refinement->point;
    fits.converged[b] = refinement->converged;
  }
  return report;
}

}  // namespace ctxfit
