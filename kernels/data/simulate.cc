#include "kernels/data/simulate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "kernels/base/philox.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/observations.h"
#include "kernels/law/fitted_law.h"

namespace ctxfit {
namespace {

// Steps of Purpose::kSimulation. Values are part of the results: never renumber.
enum Step : std::uint32_t {
  kExampleLength = 0,  // index: run
  kItemLength = 1,     // index: instance
  kScore = 2,          // index: record
  kRunScore = 3,       // this and the following steps, one for every four instances of a run; index: record
};

constexpr std::array<int, 10> kShots = {0, 1, 3, 7, 15, 31, 63, 127, 255, 511};
constexpr double kMaxExampleTokens = 256;

// A standard normal number by Box and Muller (1958) from the first two words of a draw.
double Normal(std::uint64_t seed, Step step, std::uint32_t index) {
  const RandomWords words = Draw(seed, Purpose::kSimulation, step, index);
  return std::sqrt(-2 * std::log(Uniform(words.word[0]))) * std::cos(2 * std::numbers::pi * Uniform(words.word[1]));
}

// A length in tokens, log-normal about its median and capped.
double LogNormalLength(double median, double spread, double normal) {
  return std::clamp(std::round(median * std::exp(spread * normal)), 8.0, kMaxExampleTokens);
}

// The run, the instance and the model of a record.
struct Place {
  std::uint32_t run;
  std::uint32_t instance;
  std::size_t model;
};

Place FindPlace(const SimulationDesign& design, std::uint32_t record) {
  const auto model_count = static_cast<std::uint32_t>(design.models.size());
  const bool is_run = design.score == SimulatedScore::kRunMean;
  const std::uint32_t instance = design.crossed ? record / model_count : record;
  const std::uint32_t run = is_run ? instance : instance / static_cast<std::uint32_t>(design.instances_per_run);
  return {run, instance, (design.crossed ? record : run) % model_count};
}

// Number of shots of a run. If each run belongs to one model, the number changes once per round over the models.
int RunShots(const SimulationDesign& design, std::uint32_t run) {
  const std::uint32_t round = design.crossed ? run : run / static_cast<std::uint32_t>(design.models.size());
  return kShots[round % kShots.size()];
}

double PromptTokens(const SimulationDesign& design, const Place& place, std::uint64_t seed) {
  const double example = LogNormalLength(110, 0.45, Normal(seed, kExampleLength, place.run));
  const double shots = RunShots(design, place.run) * example;
  if (design.score == SimulatedScore::kRunMean) return shots + example;
  return shots + LogNormalLength(example, 0.4, Normal(seed, kItemLength, place.instance));
}

// The share of a run's instances that succeed, each with probability `probability`.
double RunMean(double probability, int instances, std::uint64_t seed, std::uint32_t record) {
  int successes = 0;
  for (int i = 0; i < instances; ++i) {
    const auto step = static_cast<std::uint32_t>(kRunScore + i / 4);
    successes += Uniform(Draw(seed, Purpose::kSimulation, step, record).word[i % 4]) < probability;
  }
  return static_cast<double>(successes) / instances;
}

absl::Status ValidateDesign(const SimulationDesign& design) {
  if (design.models.empty()) return absl::InvalidArgumentError("models = []: at least one is needed");
  if (design.record_count < 1 || design.record_count > std::numeric_limits<std::int32_t>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat("record_count = ", design.record_count, ": must be in [1, 2147483647]"));
  }
  if (design.instances_per_run < 1 || design.instances_per_run > (1 << 20)) {
    return absl::InvalidArgumentError(
        absl::StrCat("instances_per_run = ", design.instances_per_run, ": must be in [1, 1048576]"));
  }
  return absl::OkStatus();
}

void AddRecord(const Law& law, const SimulationDesign& design, std::uint64_t seed, std::uint32_t record,
               ObservationTable& table) {
  const Place place = FindPlace(design, record);
  const SimulatedModel& model = design.models[place.model];
  const double prompt = PromptTokens(design, place, seed);
  const double probability = Predict(law, model.compute_flops, prompt, model.limit_tokens);
  table.training_compute_flops.push_back(model.compute_flops);
  table.prompt_tokens.push_back(prompt);
  table.context_limit_tokens.push_back(model.limit_tokens);
  if (design.score == SimulatedScore::kRunMean) {
    table.score.push_back(RunMean(probability, design.instances_per_run, seed, record));
    table.weight.push_back(design.instances_per_run);
  } else {
    table.score.push_back(Uniform(Draw(seed, Purpose::kSimulation, kScore, record).word[0]) < probability);
  }
  table.cluster.push_back(absl::StrCat("run", place.run));
  table.task.push_back(design.task);
  table.model.push_back(model.name);
}

}  // namespace

std::vector<SimulatedModel> PaperModels() {
  struct Base {
    const char* size;
    double parameters;
  };
  struct Extension {
    int kilotokens;
    double tokens;  // D: 2.0T of pretraining and the extension's own
  };
  constexpr Base kBases[] = {{"7B", 6476271616.0}, {"13B", 12688184320.0}};
  constexpr Extension kExtensions[] = {{4, 2.0e12},       {8, 2.000210e12},  {16, 2.000419e12},
                                       {32, 2.000836e12}, {64, 2.001678e12}, {128, 2.003355e12}};
  std::vector<SimulatedModel> models;
  for (const Base& base : kBases) {
    for (const Extension& extension : kExtensions) {
      const bool extended = extension.kilotokens > 4;
      models.push_back({absl::StrCat(extended ? "Yarn-" : "", "Llama-2-", base.size,
                                     extended ? absl::StrCat("-", extension.kilotokens, "k") : ""),
                        6 * base.parameters * extension.tokens, 1024.0 * extension.kilotokens});
    }
  }
  return models;
}

absl::StatusOr<ObservationTable> Simulate(const Law& law, const SimulationDesign& design, std::uint64_t seed) {
  CTXFIT_RETURN_IF_ERROR(ValidateDesign(design));
  ObservationTable table;
  for (std::int64_t record = 0; record < design.record_count; ++record) {
    AddRecord(law, design, seed, static_cast<std::uint32_t>(record), table);
  }
  return table;
}

}  // namespace ctxfit
