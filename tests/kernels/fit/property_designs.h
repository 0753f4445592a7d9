#ifndef CTXFIT_TESTS_KERNELS_FIT_PROPERTY_DESIGNS_H_
#define CTXFIT_TESTS_KERNELS_FIT_PROPERTY_DESIGNS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "tests/kernels/simulated_data.h"

// The designs of tests that change a request in ways that must not change its fit.

namespace ctxfit {

// The largest difference, in standard errors, between two fits of a problem whose input differs by rounding. The
// refinement compares costs: a point d standard errors from the optimum costs d^2 sigma^2 more than N sigma^2, which is
// seen as long as d > sqrt(N epsilon), and that is 4e-7 for the 600 records of the largest design. Either fit ends
// within it. Replicates take the same steps from there.
inline constexpr double kRounding = 1e-6;

// The difference between fits whose input does not differ at all: none, to the bit.
inline constexpr double kSameBits = 0;

// A simulated set, with weights of 1 to 9 or without.
struct Design {
  const char* name;
  Simulation simulation;
  bool weighted = false;
};

inline void PrintTo(const Design& design, std::ostream* out) { *out << design.name; }

inline Design Make(const char* name, unsigned seed, const std::function<void(Design&)>& change) {
  Design design{name, {}};
  design.simulation.seed = seed;
  change(design);
  return design;
}

inline const Design kDesigns[] = {
    Make("Records", 1, [](Design&) {}),
    Make("Clusters", 2, [](Design& d) { d.simulation.clusters = 35; }),
    Make("WeightedClusters", 3,
         [](Design& d) {
           d.simulation.clusters = 20;
           d.simulation.distinct_prompts = false;
           d.weighted = true;
         }),
    Make("Noisy", 4,
         [](Design& d) {
           d.simulation.noise = 0.1;
           d.simulation.per_model = 120;
         }),
};

inline ObservationTable TableOf(const Design& design) {
  ObservationTable table = Simulate(design.simulation);
  if (!design.weighted) return table;
  std::mt19937 random(design.simulation.seed + 100);
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    table.weight.push_back(static_cast<double>(1 + random() % 9));
  }
  return table;
}

inline FitOptions FewReplicates() {
  FitOptions options;
  options.bootstrap.replicates = 100;
  return options;
}

inline std::vector<TaskFit> FitAll(const ObservationTable& table, const FitOptions& options) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(2);
  return FitTasks(*backend, ValidateAndSplit(table).value(), options, StopSignal(), [](const FitProgress&) {}).value();
}

inline TaskFit FitOne(const ObservationTable& table, const FitOptions& options = FewReplicates()) {
  return FitAll(table, options).at(0);
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_FIT_PROPERTY_DESIGNS_H_
