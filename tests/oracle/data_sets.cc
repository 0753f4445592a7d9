#include "tests/oracle/data_sets.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "absl/strings/str_format.h"

namespace ctxfit {
namespace {

// Numbers in [0, 1) from the standard's Mersenne Twister: its own distributions differ between libraries.
class Random {
 public:
  explicit Random(int seed) : engine_(static_cast<std::mt19937_64::result_type>(seed)) {}

  double Uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double Uniform(double lower, double upper) { return lower + (upper - lower) * Uniform(); }
  int Below(int count) { return static_cast<int>(Uniform() * count); }

  // Variance 1 and mean 0: the sum of twelve uniform numbers.
  double NearlyNormal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += Uniform();
    return sum;
  }

 private:
  std::mt19937_64 engine_;
};

// Tokens by which the penalty, a step, lies beyond the limit. Written again, so that the law can be held against it.
constexpr double kStepLag = 10;

struct Model {
  double compute;
  double limit;
};

std::vector<Model> MakeModels(Random& random) {
  const int count = 2 + random.Below(11);
  const double decades = random.Uniform(0.5, 3);
  std::vector<Model> models;
  for (int i = 0; i < count; ++i) {
    const double compute = std::pow(10, 21 + decades * i / (count - 1));
    models.push_back({compute, 4096.0 * (1 << random.Below(6))});
  }
  return models;
}

// A law whose factors lie between 0.3 and 0.9 in the middle of the data; in every eighth set the context factor is
// practically saturated, and in every eighth the compute factor practically linear, which leaves a long flat valley.
void ChooseLaw(int index, const std::vector<Model>& models, Random& random, DataSet& set) {
  set.compute_reference = std::sqrt(models.front().compute * models.back().compute);
  set.prompt_reference = 1500;
  set.compute_coefficient = -std::log1p(-(index % 8 == 3 ? 0.05 : random.Uniform(0.3, 0.9)));
  set.compute_exponent = random.Uniform(0.1, 0.8);
  set.context_coefficient = index % 8 == 7 ? 6 : -std::log1p(-random.Uniform(0.3, 0.9));
  set.context_exponent = random.Uniform(0.1, 0.8);
}

double ExpectedScore(const DataSet& set, const Model& model, double prompt) {
  const double f_rate = set.compute_coefficient * std::pow(model.compute / set.compute_reference, set.compute_exponent);
  const double g_rate = set.context_coefficient * std::pow(prompt / set.prompt_reference, set.context_exponent);
  return std::expm1(-f_rate) * std::expm1(-g_rate) / (1 + std::exp(std::min(prompt - model.limit - kStepLag, 700.0)));
}

void AddScore(double expected, double amplitude, Random& random, DataSet& set) {
  switch (set.noise) {
    case Noise::kBinary:
      set.table.score.push_back(random.Uniform() < expected);
      return;
    case Noise::kMeans: {
      constexpr int kTrials[] = {40, 100, 250};
      const int trials = kTrials[random.Below(3)];
      int successes = 0;
      for (int i = 0; i < trials; ++i) successes += random.Uniform() < expected;
      set.table.score.push_back(static_cast<double>(successes) / trials);
      set.table.weight.push_back(trials);
      return;
    }
    case Noise::kGaussian: {
      const double room = std::min(expected, 1 - expected);
      const double score = expected + std::clamp(amplitude * random.NearlyNormal(), -room, room);
      set.table.score.push_back(std::round(score * 0x1p20) * 0x1p-20);
      return;
    }
  }
}

}  // namespace

DataSet MakeDataSet(int index) {
  constexpr const char* kNoiseNames[] = {"binary", "means", "gaussian"};
  Random random(index);
  DataSet set;
  set.noise = static_cast<Noise>(index % 3);
  const int records = static_cast<int>(std::lround(50 * std::pow(400, index / (kDataSetCount - 1.0))));
  set.name = absl::StrFormat("set%02d_%d_%s", index, records, kNoiseNames[index % 3]);
  const std::vector<Model> models = MakeModels(random);
  ChooseLaw(index, models, random, set);
  const double amplitude = random.Uniform(0.005, 0.05);
  const bool few_lengths = random.Below(2) == 0;
  for (int i = 0; i < records; ++i) {
    const Model& model = models[random.Below(static_cast<int>(models.size()))];
    const double prompt =
        few_lengths ? 16 << (1 + random.Below(12)) : std::round(16 * std::pow(2, random.Uniform(0, 13)));
    set.table.training_compute_flops.push_back(model.compute);
    set.table.prompt_tokens.push_back(prompt);
    set.table.context_limit_tokens.push_back(model.limit);
    AddScore(ExpectedScore(set, model, prompt), amplitude, random, set);
  }
  return set;
}

}  // namespace ctxfit
