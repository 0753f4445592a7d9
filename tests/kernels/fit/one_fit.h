#ifndef CTXFIT_TESTS_KERNELS_FIT_ONE_FIT_H_
#define CTXFIT_TESTS_KERNELS_FIT_ONE_FIT_H_

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/penalty.h"
#include "tests/kernels/simulated_data.h"

namespace ctxfit {

// The difference between a fitted and a true value where residuals vanish: the tolerance of the refinement.
inline constexpr double kExact = 1e-6;

// Fits a valid table of one task.
inline TaskFit FitOne(const ObservationTable& table, const FitOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {})
      .value()
      .at(0);
}

inline std::map<std::string, Estimate> ByName(const TaskFit& fit) {
  std::map<std::string, Estimate> by_name;
  for (const Estimate& estimate : fit.estimates) by_name[estimate.name] = estimate;
  return by_name;
}

// Scores without noise of a law whose penalty is gradual, and whose prompts reach well beyond most limits.
inline Simulation Gradual() {
  Simulation simulation;
  simulation.law.penalty = {Penalty::Form::kRatio, 0.15, 1.3};
  simulation.per_model = 150;
  simulation.noise = 0;
  return simulation;
}

inline void ExpectValue(const TaskFit& fit, const std::string& name, double truth, double tolerance) {
  const auto estimates = ByName(fit);
  ASSERT_TRUE(estimates.contains(name)) << name;
  EXPECT_NEAR(estimates.at(name).value.value(), truth, tolerance) << name;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_FIT_ONE_FIT_H_
