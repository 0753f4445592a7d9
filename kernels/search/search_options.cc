#include "kernels/search/search_options.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "kernels/law/option_error.h"

namespace ctxfit {

absl::Status ValidateSearch(const SearchOptions& options) {
  if (options.candidates && (*options.candidates < 8 || *options.candidates > 65536)) {
    return OptionError("search.candidates", *options.candidates, "in [8, 65536]");
  }
  if (options.max_generations < 1 || options.max_generations > 10000) {
    return OptionError("search.max_generations", options.max_generations, "in [1, 10000]");
  }
  if (!(std::isfinite(options.tolerance_deviance) && options.tolerance_deviance > 0)) {
    return OptionError("search.tolerance_deviance", options.tolerance_deviance, "finite and > 0");
  }
  if (options.stagnation_generations < 1) {
    return OptionError("search.stagnation_generations", options.stagnation_generations, ">= 1");
  }
  if (!(options.crossover >= 0 && options.crossover <= 1))
    return OptionError("search.crossover", options.crossover, "in [0, 1]");
  if (!(options.mutation.lower > 0 && options.mutation.lower <= options.mutation.upper &&
        options.mutation.upper <= 2)) {
    return OptionError("search.mutation.lower", options.mutation.lower,
                       absl::StrCat("> 0 and <= its upper end ", options.mutation.upper, ", which must be <= 2"));
  }
  if (options.refined_candidates < 2)
    return OptionError("search.refined_candidates", options.refined_candidates, ">= 2");
  return absl::OkStatus();
}

}  // namespace ctxfit
