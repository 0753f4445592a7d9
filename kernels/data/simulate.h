#ifndef CTXFIT_KERNELS_DATA_SIMULATE_H_
#define CTXFIT_KERNELS_DATA_SIMULATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {

// A model that is evaluated in a simulation.
struct SimulatedModel {
  std::string name;
  double compute_flops;
  double limit_tokens;
};

// The twelve models of arXiv 2510.14919: Llama-2-7B and 13B as released (4k) and extended with YaRN to 8k..128k.
std::vector<SimulatedModel> PaperModels();

// Kind of a simulated record.
enum class SimulatedScore {
  kInstance,  // one evaluation: 0 or 1, drawn with the law's expected score as its probability
  kRunMean,   // the mean over the instances of a run, with their number as its weight
};

// An evaluation campaign like that of arXiv 2510.14919: runs of many test items that share one block of 0, 1, 3, 7 ..
// 511 worked examples, each run by one model, models and shot levels in turn. Prompt lengths follow from a run's mean
// example length (log-normal, at most 256 tokens) and an item's own, and reach about 128k tokens. The cluster of a
// record is its run.
struct SimulationDesign {
  std::vector<SimulatedModel> models = PaperModels();
  std::int64_t record_count = 65500;  // in [1, 2^31 - 1]
  int instances_per_run = 250;        // in [1, 2^20]
  // Every instance is scored by every model, in consecutive records; otherwise a run belongs to one model.
  bool crossed = false;
  SimulatedScore score = SimulatedScore::kInstance;
  std::string task = "simulated";
};

// Draws the records of `design` from `law`. A record is a function of (law, design, seed, its index) alone, so a
// shorter simulation is the beginning of a longer one. INVALID_ARGUMENT if a count is out of range or there is no
// model.
absl::StatusOr<ObservationTable> Simulate(const Law& law, const SimulationDesign& design, std::uint64_t seed);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_SIMULATE_H_
