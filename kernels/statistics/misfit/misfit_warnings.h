#ifndef CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_WARNINGS_H_
#define CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_WARNINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "kernels/law/penalty.h"

namespace ctxfit {

struct Misfit;

// Properties of a fit on which the wording of its misfit depends.
struct MisfitContext {
  std::optional<double> r_squared;
  Penalty::Form penalty;
  bool penalty_is_fitted;         // onset and width both
  bool context_is_flat;           // the context factor is the same at every length
  bool all_beyond_limit = false;  // every record
  bool can_fit_penalty = true;    // the observations are enough for its two parameters
};

// Returns at most one warning of a misfit below the limit or of all rows, with R^2 below 0, one of scatter alone, and
// one of a misfit at the limit or beyond it. Each names the worst places and, as far as no other warning does, what to
// do; options by their fields of ctxfit.v1.
std::vector<std::string> DescribeMisfit(const Misfit& misfit, const MisfitContext& context);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_MISFIT_MISFIT_WARNINGS_H_
