// Studies how often a fit warns of a misfit, and rejects that its context exponent is constant: on sets simulated from
// the law, where it should not, and on sets that the law does not describe. Prints a table with one row per design:
//
//   misfit  sets with a warning that the law does not fit, in percent
//   drift   sets whose p-value of a drifting context exponent is below 5 %, in percent of those with a p-value
//   tested  sets with such a p-value, in percent
//   either  sets with one warning or the other, in percent
//
// Arguments: sets per design, and a word that designs must have in their names. See MISFIT.md.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/fitted_law.h"
#include "kernels/statistics/misfit/drift_test.h"
#include "tests/bench/simulated_sets.h"

namespace ctxfit {
namespace {

const Law kTruth = TrueLaw();

using Mean = std::function<double(double compute, double prompt)>;

// A design: clusters whose rows share an effect and, unless they are mixed, have prompts of about one length.
struct Design {
  std::string name;
  int clusters = 60;
  int items = 2;      // prompts of a cluster, each scored by every model
  int max_items = 0;  // if above 0, clusters have from `items` to as many prompts, log-uniformly
  double cluster_sd = 0.03;
  double row_sd = 0.05;      // 0: 0/1 scores
  bool heavy_tails = false;  // cluster effects follow Student's t with 3 degrees of freedom
  bool weighted = false;     // rows are means of 5 to 500 scores, as many as their weight, by cluster
  bool clustered = true;     // false: no cluster column
  bool mixed = false;
  bool scaled_noise = false;  // noise and effects vanish with P (1 - P), so that scores near 0 are not clipped
  double limit = kBeyondEveryPrompt;
  Mean mean = [](double compute, double prompt) { return Predict(kTruth, compute, prompt, kBeyondEveryPrompt); };
  FitOptions options = {};
};

Mean Drifting(double per_decade) {
  return [per_decade](double compute, double prompt) {
    return PredictWithDrift(kTruth, per_decade, compute, prompt, kBeyondEveryPrompt);
  };
}

Mean WithFloor(double floor) {
  return [floor](double compute, double prompt) {
    return floor + (1 - floor) * Predict(kTruth, compute, prompt, kBeyondEveryPrompt);
  };
}

const Law kGradual = {kTruth.point, kTruth.references, {Penalty::Form::kRatio, 0.1, 1.2}};

Mean WithLimit(double limit) {
  return [limit](double compute, double prompt) { return Predict(kGradual, compute, prompt, limit); };
}

FitOptions Options(const std::function<void(FitOptions&)>& change) {
  FitOptions options;
  change(options);
  return options;
}

std::vector<Design> RightDesigns() {
  const FitOptions bernoulli = Options([](FitOptions& o) { o.loss.loss = Loss::kBernoulli; });
  const FitOptions huber = Options([](FitOptions& o) { o.loss.loss = Loss::kHuber; });
  const FitOptions floor = Options([](FitOptions& o) { o.parameters[kFloor].fixed.reset(); });
  const FitOptions penalty = Options([](FitOptions& o) {
    o.penalty = {Penalty::Form::kRatio, 0.1, 1};
    o.fit_penalty_onset = o.fit_penalty_width = true;
  });
  const FitOptions two_way = Options([](FitOptions& o) { o.bootstrap.resampling = Resampling::kTwoWay; });
  return {{"law: 60 clusters"},
          {.name = "law: 60 clusters, huber", .options = huber},
          {.name = "law: 60 clusters, two-way", .options = two_way},
          {.name = "law: 60 clusters, t3 effects", .heavy_tails = true},
          {.name = "law: 12 clusters", .clusters = 12, .items = 10},
          {.name = "law: 12 clusters, t3 effects", .clusters = 12, .items = 10, .heavy_tails = true},
          {.name = "law: 8 clusters", .clusters = 8, .items = 15},
          {.name = "law: 5 clusters", .clusters = 5, .items = 15},
          {.name = "law: bernoulli, 60 clusters", .items = 5, .row_sd = 0, .options = bernoulli},
          {.name = "law: bernoulli, 12 clusters", .clusters = 12, .items = 25, .row_sd = 0, .options = bernoulli},
          {.name = "law: 720 records", .clusters = 120, .items = 1, .cluster_sd = 0, .clustered = false},
          {.name = "law: 60 records", .clusters = 10, .items = 1, .cluster_sd = 0, .clustered = false},
          {.name = "law: 24 records", .clusters = 4, .items = 1, .cluster_sd = 0, .clustered = false},
          {.name = "law: 12 records", .clusters = 2, .items = 1, .cluster_sd = 0, .clustered = false},
          {.name = "law: 24 means of counts",
           .clusters = 4,
           .items = 1,
           .cluster_sd = 0,
           .weighted = true,
           .clustered = false},
          {.name = "law: weights 5 to 500, 60 clusters", .weighted = true},
          {.name = "law: 40 clusters of 6 to 1,000 rows", .clusters = 40, .items = 1, .max_items = 167},
          {.name = "law: floor fitted", .mean = WithFloor(0.25), .options = floor},
          {.name = "law: onset and width fitted",
           .scaled_noise = true,
           .limit = 4096,
           .mean = WithLimit(4096),
           .options = penalty}};
}

std::vector<Design> WrongDesigns() {
  const auto wrong = [](const std::string& name, const Mean& mean) { return Design{.name = name, .mean = mean}; };
  const auto law = [](double compute, double prompt) { return Predict(kTruth, compute, prompt, kBeyondEveryPrompt); };
  std::vector<Design> designs = {
      wrong("wrong: drift .05, 60 clusters", Drifting(0.05)),
      wrong("wrong: drift .10, 60 clusters", Drifting(0.10)),
      wrong("wrong: floor .25", WithFloor(0.25)),
      wrong("wrong: floor .50", WithFloor(0.5)),
      wrong("wrong: step of .2 at 1e23",
            [law](double compute, double prompt) { return 0.2 + 0.5 * law(1e22, prompt) + 0.2 * (compute >= 1e23); }),
      wrong("wrong: one model .15 better",
            [law](double compute, double prompt) { return law(compute, prompt) + 0.15 * (compute == 2e22); }),
      wrong("wrong: falls with length", [](double, double prompt) { return 0.8 - 0.1 * std::log10(prompt / 100); }),
      wrong("wrong: U-shaped in compute",
            [](double compute, double) { return 0.3 + 0.1 * std::pow(std::log10(compute / 5e22), 2); })};
  Design late = wrong("wrong: step at the limit, scores fall late, mixed lengths", WithLimit(4096));
  late.mixed = late.scaled_noise = true;
  late.items = 10;
  late.limit = 4096;
  designs.push_back(late);
  for (const double drift : {0.05, 0.10}) {
    Design few = wrong(absl::StrFormat("wrong: drift %.2f, 12 clusters", drift), Drifting(drift));
    few.clusters = 12;
    few.items = 10;
    designs.push_back(few);
    Design binary = wrong(absl::StrFormat("wrong: drift %.2f, bernoulli, 60 clusters", drift), Drifting(drift));
    binary.row_sd = 0;
    binary.items = 5;
    binary.options.loss.loss = Loss::kBernoulli;
    designs.push_back(binary);
  }
  return designs;
}

ObservationTable DrawSet(const Design& design, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::student_t_distribution<double> heavy(3);
  ObservationTable table;
  for (int c = 0; c < design.clusters; ++c) {
    // Student's t with 3 degrees of freedom has a variance of 3.
    const double effect = design.cluster_sd * (design.heavy_tails ? heavy(random) / std::sqrt(3) : normal(random));
    const double block = DrawBlock(random);
    const double weight = design.weighted ? std::floor(LogUniform(5, 500, random)) : 1;
    int items = design.items;
    if (design.max_items > 0) {
      items = static_cast<int>(design.items * std::pow(design.max_items / design.items, Uniform(random)));
    }
    for (int item = 0; item < items; ++item) {
      const double prompt = DrawPrompt(design.mixed ? DrawBlock(random) : block, random);
      for (const double compute : SixComputes()) {
        const double expected = design.mean(compute, prompt);
        const double scale = design.scaled_noise ? 4 * expected * (1 - expected) : 1;
        const double mean = std::clamp(expected + scale * effect, 0.0, 1.0);
        double score = 0;
        if (design.weighted) {
          std::binomial_distribution<int> successes(static_cast<int>(weight), mean);
          score = successes(random) / weight;
        } else {
          score = design.row_sd > 0 ? mean + scale * design.row_sd * normal(random) : Uniform(random) < mean;
        }
        AddRow(compute, prompt, design.limit, score, table);
        if (design.weighted) table.weight.push_back(weight);
        if (design.clustered) table.cluster.push_back(std::to_string(c));
      }
    }
  }
  return table;
}

struct Outcome {
  bool misfit = false;
  bool tested = false;
  bool drifts = false;
};

Outcome FitSet(const Design& design, int set) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  FitOptions options = WithoutIntervals(design.options);
  const Observations observations =
      ValidateAndSplit(DrawSet(design, set + 1), options.bootstrap.resampling).value().at(0);
  const TaskFit fit = FitTask(*backend, observations, options, StopSignal()).value();
  Outcome outcome;
  for (const std::string& warning : fit.diagnostics.warnings) {
    outcome.misfit = outcome.misfit || absl::StrContains(warning, "the law does not fit") ||
                     absl::StrContains(warning, "the context limit score");
  }
  outcome.tested = fit.drift.has_value();
  outcome.drifts = fit.drift && Drifts(fit.drift->p_value);
  return outcome;
}

void PrintRow(const std::string& name, const std::vector<Outcome>& outcomes) {
  const auto count = [&](const auto& holds) {
    return static_cast<double>(std::count_if(outcomes.begin(), outcomes.end(), holds));
  };
  const double percent = 100.0 / static_cast<double>(outcomes.size());
  const double tested = count([](const Outcome& o) { return o.tested; });
  const double drifts = count([](const Outcome& o) { return o.drifts; });
  absl::PrintF("| %s | %.1f | %s | %.1f | %.1f |\n", name, percent * count([](const Outcome& o) { return o.misfit; }),
               tested > 0 ? absl::StrFormat("%.1f", 100 * drifts / tested) : "", percent * tested,
               percent * count([](const Outcome& o) { return o.misfit || o.drifts; }));
  std::fflush(stdout);
}

void Study(int sets, const std::string& word) {
  ThreadPool pool(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  absl::PrintF("| design | misfit | drift | tested | either |\n|---|---|---|---|---|\n");
  std::vector<Design> designs = RightDesigns();
  for (Design& design : WrongDesigns()) designs.push_back(std::move(design));
  for (const Design& design : designs) {
    if (!absl::StrContains(design.name, word)) continue;
    std::vector<Outcome> outcomes(sets);
    pool.ParallelFor(sets, StopSignal(),
                     [&](std::size_t set, int) { outcomes[set] = FitSet(design, static_cast<int>(set)); })
        .IgnoreError();
    PrintRow(design.name, outcomes);
  }
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  int sets = 0;
  if (argc < 2 || argc > 3 || !absl::SimpleAtoi(argv[1], &sets) || sets < 1) {
    absl::FPrintF(stderr, "usage: misfit_study SETS [WORD]\n");
    return 2;
  }
  ctxfit::Study(sets, argc == 3 ? argv[2] : "");
  return EXIT_SUCCESS;
}
