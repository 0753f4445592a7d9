#ifndef CTXFIT_TESTS_KERNELS_SIMULATED_DATA_H_
#define CTXFIT_TESTS_KERNELS_SIMULATED_DATA_H_

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/data/split_tasks.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/resampling.h"

namespace ctxfit {

// Settings of a simulation: `models` computes a factor `compute_step` apart, each scored on `per_model` prompts.
struct Simulation {
  Law law = {{{std::log(0.9), 0.4, std::log(1.1), 0.6}}, {1e22, 1000}, {}};
  int models = 5;
  int per_model = 40;
  double compute_step = 3;
  double noise = 0.02;           // standard deviation of a score; scores are clipped to [0, 1]
  bool distinct_prompts = true;  // prompt lengths are drawn; if false, ten of them repeat
  int clusters = 0;              // 0: no cluster column
  unsigned seed = 1;
};

// Draws a valid table from the law of `simulation`.
inline ObservationTable Simulate(const Simulation& simulation) {
  std::mt19937 random(simulation.seed);
  std::normal_distribution<double> noise(0, simulation.noise);
  std::uniform_real_distribution<double> log_prompt(std::log(20), std::log(30000));
  ObservationTable table;
  for (int model = 0; model < simulation.models; ++model) {
    const double compute = 1e21 * std::pow(simulation.compute_step, model);
    const double limit = model % 2 == 0 ? 4096 : 16384;
    for (int i = 0; i < simulation.per_model; ++i) {
      const double drawn = std::floor(std::exp(log_prompt(random)));
      const double prompt = simulation.distinct_prompts ? drawn : 50.0 * (1 << (i % 10));
      const double score = Predict(simulation.law, compute, prompt, limit) + noise(random);
      table.training_compute_flops.push_back(compute);
      table.prompt_tokens.push_back(prompt);
      table.context_limit_tokens.push_back(limit);
      table.score.push_back(std::fmin(1, std::fmax(0, score)));
      if (simulation.clusters > 0) table.cluster.push_back("run " + std::to_string(i % simulation.clusters));
    }
  }
  return table;
}

// The observations of a valid table of one task.
inline Observations OnlyTask(const ObservationTable& table, Resampling resampling = Resampling::kAuto) {
  return ValidateAndSplit(table, resampling).value().at(0);
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_SIMULATED_DATA_H_
