#ifndef CTXFIT_KERNELS_LAW_SEARCH_OVER_H_
#define CTXFIT_KERNELS_LAW_SEARCH_OVER_H_

namespace ctxfit {

// The cells against which a search evaluates its population.
enum class SearchOver {
  kAuto,          // the backend's default: observations on a GPU, bins on a CPU
  kObservations,  // all observations, exactly: those of equal covariates as one cell (Collapse())
  kBins,          // cells with at most kCoarsePrompts prompt lengths (Coarsen())
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_SEARCH_OVER_H_
