#ifndef CTXFIT_KERNELS_FIT_OPTIONS_H_
#define CTXFIT_KERNELS_FIT_OPTIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "kernels/law/law_options.h"
#include "kernels/resample/bootstrap_options.h"
#include "kernels/search/search_options.h"

namespace ctxfit {

// Options of a fit of one law: those of the law, and how it is fitted.
struct FitOptions : LawOptions {
  std::uint64_t seed = 0;
  SearchOptions search;
  BootstrapOptions bootstrap;
  // True if estimates get profile-likelihood intervals as well, at the cost of some 80 refinements.
  bool profile = false;
};

// Returns `options` for a point estimate alone, without replicates and profile intervals.
FitOptions WithoutIntervals(const FitOptions& options);

// Returns INVALID_ARGUMENT naming field, value and rule, such as `options.bootstrap.confidence = 1.5: must be in
// (0, 1)`, unless every option is valid.
absl::Status Validate(const FitOptions& options);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_OPTIONS_H_
