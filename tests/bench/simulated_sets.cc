#include "tests/bench/simulated_sets.h"

#include <algorithm>
#include <cmath>

#include "kernels/law/coordinate.h"

namespace ctxfit {

Law TrueLaw() { return {{{std::log(0.9), 0.4, std::log(1.1), 0.5}}, {5e22, 1500}, {}}; }

std::vector<double> SixComputes() { return {1e21, 5e21, 2e22, 1e23, 5e23, 2e24}; }

std::vector<double> TwelveComputes() {
  return {1e21, 2e21, 4e21, 8e21, 1.6e22, 3.2e22, 6.4e22, 1.3e23, 2.6e23, 5e23, 1e24, 2e24};
}

double PredictWithDrift(const Law& law, double drift, double compute, double prompt, double limit) {
  Law drifted = law;
  drifted.point.at[kContextExponent] += drift * std::log10(compute / law.references.compute_flops);
  return Predict(drifted, compute, prompt, limit);
}

double Uniform(std::mt19937_64& random) { return std::uniform_real_distribution<double>()(random); }

double LogUniform(double low, double high, std::mt19937_64& random) {
  return low * std::pow(high / low, Uniform(random));
}

double DrawBlock(std::mt19937_64& random) { return LogUniform(100, 20000, random); }

double DrawPrompt(double block, std::mt19937_64& random) { return block * (0.9 + 0.2 * Uniform(random)); }

void AddRow(double compute, double prompt, double limit, double score, ObservationTable& table) {
  table.training_compute_flops.push_back(compute);
  table.prompt_tokens.push_back(prompt);
  table.context_limit_tokens.push_back(limit);
  table.score.push_back(std::clamp(score, 0.0, 1.0));
}

}  // namespace ctxfit
