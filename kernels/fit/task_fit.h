#ifndef CTXFIT_KERNELS_FIT_TASK_FIT_H_
#define CTXFIT_KERNELS_FIT_TASK_FIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "kernels/data/observations.h"
#include "kernels/descent/refine.h"
#include "kernels/descent/replicate_fits.h"
#include "kernels/fit/global_replicates.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"
#include "kernels/search/search_result.h"
#include "kernels/statistics/errors/determining_units.h"
#include "kernels/statistics/errors/influence.h"
#include "kernels/statistics/estimates.h"
#include "kernels/statistics/goodness.h"
#include "kernels/statistics/identification/diagnostics.h"
#include "kernels/statistics/intervals/effective_units.h"
#include "kernels/statistics/misfit/drift_test.h"

namespace ctxfit {

// The course of the resampling; see ctxfit.v1.Bootstrap.
struct BootstrapReport {
  bool clustered = false;
  std::int64_t unit_count = 0;
  std::int64_t unit_2_count = 0;   // 0 unless resampling is two-way
  std::int64_t stratum_count = 0;  // 0 unless resampling is stratified
  EffectiveUnits units;            // effective units that the replicates resample
  CoordinateUnits determining_units = {};
  int converged_count = 0;
  int max_iteration_count = 0;
  GlobalReplicates global;
  // Reason why no replicates could show the spread of the parameters, such as too few units; "" where they could.
  std::string no_spread_reason;
  std::string no_interval_reason;  // why there are no replicates; "" where there are
  absl::Duration duration;
};

// The law fitted to one task.
struct TaskFit {
  std::string task;
  Law law;
  double dispersion = 0;  // DispersionOf()
  std::vector<Estimate> estimates;
  Goodness goodness;
  Diagnostics diagnostics;
  SearchResult search;
  Refinement refinement;
  BootstrapReport bootstrap;
  ReplicateFits replicates;
  ObservedRanges observed;
  std::optional<DriftTest> drift;      // none where it cannot be tested
  std::optional<Influence> influence;  // set if intervals are bias-corrected and accelerated
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_FIT_TASK_FIT_H_
