#ifndef CTXFIT_TESTS_BENCH_SIMULATED_TABLE_H_
#define CTXFIT_TESTS_BENCH_SIMULATED_TABLE_H_

#include <cmath>
#include <cstdint>

#include "kernels/data/observations.h"
#include "kernels/data/simulate.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {

// The records of arXiv 2510.14919's design, and the same instances scored by each of its twelve models.
inline constexpr std::int64_t kPaperRecords = 65500;
inline constexpr std::int64_t kCrossedRecords = 12 * kPaperRecords;

// Simulates the set that `ctxfit simulate` writes with that seed, with `--crossed` for the largest size.
inline ObservationTable SimulatedTable(std::int64_t records, std::uint64_t seed = 1) {
  const Law law{{{std::log(0.8), 0.5, std::log(1.2), 0.4}}, {1e23, 2048}, {}};
  SimulationDesign design;
  design.record_count = records;
  design.crossed = records == kCrossedRecords;
  return Simulate(law, design, seed).value();
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_BENCH_SIMULATED_TABLE_H_
