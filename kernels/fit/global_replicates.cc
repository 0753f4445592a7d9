#include "kernels/fit/global_replicates.h"

#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/refine.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/objective/linearization.h"
#include "kernels/resample/unit_weights.h"
#include "kernels/search/search.h"

namespace ctxfit {
namespace {

absl::StatusOr<Refinement> FitFromScratch(Backend& backend, const Cells& cells, const Domain& domain,
                                          const FitOptions& options, const StopSignal& stop) {
  CTXFIT_ASSIGN_OR_RETURN(const SearchResult search, SearchGlobally(backend, cells, domain, options.search,
                                                                    options.seed, stop, [](int, double) {}));
  return Refine(cells, domain, search.starts, backend.Host(), stop);
}

}  // namespace

absl::StatusOr<GlobalReplicates> RefitGlobally(Backend& backend, const Cells& cells, const Domain& domain,
                                               const FitOptions& options, const ReplicateRequest& request,
                                               const StopSignal& stop, ReplicateFits& fits) {
  GlobalReplicates report;
  Cells weighted = cells;
  for (int b = 0; b < options.bootstrap.global_replicates; ++b) {
    weighted.weight = ReplicateCellWeights(cells, request.weights, b, stop);
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    CTXFIT_ASSIGN_OR_RETURN(const Refinement refinement, FitFromScratch(backend, weighted, domain, options, stop));
    const double gain = (WeightedCost(weighted, fits.points[b]) - refinement.final_cost) / request.criteria.variance;
    ++report.count;
    if (gain <= kAgreement) {
      ++report.agreeing_count;
      continue;
    }
    ++report.better_count;
    fits.points[b] = refinement.point;
    fits.converged[b] = refinement.converged;
  }
  return report;
}

}  // namespace ctxfit
