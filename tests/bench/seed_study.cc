// Counts the fits that end elsewhere than another seed's: simulated sets, each fitted with several seeds in
// eleven configurations. Prints a table with one row per configuration:
//
//   converged  fits that meet the rule for having converged
//   missed     converged fits more than 0.01 deviance units above the lowest end of any seed
//   worst      the largest such excess, in deviance units
//   search     median duration of a search with its descents, in milliseconds on one thread
//
// and to standard error one line per missed fit.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "kernels/backend/backend.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/descent/descent.h"
#include "kernels/descent/refine.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/objective/linearization.h"
#include "kernels/search/search.h"

namespace ctxfit {
namespace {

struct Configuration {
  std::string name;
  FitOptions options;
};

void FitPenalty(FitOptions& options) {
  options.penalty = {Penalty::Form::kRatio, 0.1, 1};
  options.fit_penalty_width = true;
  options.fit_penalty_onset = true;
}

std::vector<Configuration> Configurations() {
  std::vector<Configuration> configurations;
  const auto add = [&](const std::string& name, const std::function<void(FitOptions&)>& change) {
    configurations.push_back({name, {}});
    change(configurations.back().options);
  };
  add("default", [](FitOptions&) {});
  add("no penalty", [](FitOptions& options) { options.penalty.form = Penalty::Form::kNone; });
  add("penalty in ratio form", [](FitOptions& options) { options.penalty = {Penalty::Form::kRatio, 0.1, 1}; });
  add("no context factor", [](FitOptions& options) { options.context_factor = false; });
  add("floor fitted", [](FitOptions& options) { options.parameters[kFloor].fixed.reset(); });
  add("ceiling fitted", [](FitOptions& options) { options.parameters[kHeadroom].fixed.reset(); });
  add("floor and ceiling fitted", [](FitOptions& options) {
    options.parameters[kFloor].fixed.reset();
    options.parameters[kHeadroom].fixed.reset();
  });
  add("width and onset fitted", FitPenalty);
  add("Bernoulli", [](FitOptions& options) { options.loss.loss = Loss::kBernoulli; });
  add("Bernoulli, width and onset fitted", [](FitOptions& options) {
    options.loss.loss = Loss::kBernoulli;
    FitPenalty(options);
  });
  add("Huber, width, onset and floor fitted", [](FitOptions& options) {
    options.loss.loss = Loss::kHuber;
    FitPenalty(options);
    options.parameters[kFloor].fixed.reset();
  });
  return configurations;
}

// The scores of a set, by which they scatter about the law.
enum class Scores { kGaussian, kMeans, kBinary };

ObservationTable MakeSet(int index) {
  std::mt19937_64 random(1000 + index);
  std::uniform_real_distribution<double> uniform;
  std::normal_distribution<double> normal;
  const auto between = [&](double low, double high) { return low + (high - low) * uniform(random); };
  const auto log_between = [&](double low, double high) { return std::exp(between(std::log(low), std::log(high))); };

  // Every third set is barely determined: its computes lie within a decade, or its prompts have few lengths, or its
  // scores are low and cut off at 0.
  const int weakness = index % 9;
  const auto scores = static_cast<Scores>(index / 3 % 3);
  const bool few_computes = weakness == 0;
  const bool few_prompts = weakness == 3;
  const bool low_scores = weakness == 6;
  const double lowest_compute = few_computes ? 1e22 : 1e21;
  const double highest_compute = few_computes ? 1e23 : 1e24;
  const int rows = static_cast<int>(between(60, 401));
  const int model_count = static_cast<int>(between(2, 13));
  const int cluster_count = static_cast<int>(between(10, 60));
  const int trials = static_cast<int>(between(20, 251));
  const double noise = scores == Scores::kGaussian ? log_between(0.005, 0.15) : 0;
  const double cluster_effect = index % 2 == 0 ? 0 : log_between(0.005, 0.05);
  const Law law = {
      {{std::log(low_scores ? log_between(0.02, 0.2) : log_between(0.1, 3)), between(0, 1.2),
        std::log(log_between(0.1, 3)), between(0, 1.5)}},
      {5e22, 1500},
      {index % 4 == 0 ? Penalty::Form::kNone : Penalty::Form::kRatio, log_between(0.05, 0.4), between(0.8, 1.5)}};

  struct Model {
    double compute;
    double limit;
  };
  std::vector<Model> models(model_count);
  constexpr double kLimits[] = {2048, 4096, 8192, 32768, 131072};
  for (Model& model : models) {
    model = {log_between(lowest_compute, highest_compute), kLimits[static_cast<int>(between(0, std::size(kLimits)))]};
  }
  std::vector<double> lengths(few_prompts ? 4 : 0);
  for (double& length : lengths) length = std::round(log_between(32, 40000));
  std::vector<double> effects(cluster_count);
  for (double& effect : effects) effect = cluster_effect * normal(random);

  ObservationTable table;
  for (int row = 0; row < rows; ++row) {
    const Model& model = models[row % model_count];
    const double drawn = log_between(32, 40000);
    const double prompt = few_prompts ? lengths[static_cast<int>(between(0, 4))] : drawn;
    const int cluster = static_cast<int>(between(0, cluster_count));
    const double expected = std::clamp(Predict(law, model.compute, prompt, model.limit) + effects[cluster], 0.0, 1.0);
    double score = std::clamp(expected + noise * normal(random), 0.0, 1.0);
    if (scores == Scores::kBinary) score = uniform(random) < expected ? 1 : 0;
    if (scores == Scores::kMeans) {
      score = static_cast<double>(std::binomial_distribution<int>(trials, expected)(random)) / trials;
      table.weight.push_back(trials);
    }
    table.training_compute_flops.push_back(model.compute);
    table.prompt_tokens.push_back(prompt);
    table.context_limit_tokens.push_back(model.limit);
    table.score.push_back(score);
    table.cluster.push_back(absl::StrCat("run ", cluster));
  }
  return table;
}

struct Fit {
  Point point;
  double cost;
  bool converged;
  absl::Duration duration;
};

// The fits of one set in one configuration, by seed.
struct Series {
  std::vector<Fit> fits;
  double variance;  // sigma^2 at the lowest cost
  double lowest;

  double Excess(const Fit& fit) const { return (fit.cost - lowest) / variance; }
  bool Missed(const Fit& fit) const { return fit.converged && Excess(fit) > kAgreement; }
};

double MeanScore(const Observations& observations) {
  double weight = 0;
  double sum = 0;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    weight += observations.WeightOf(row);
    sum += observations.WeightOf(row) * observations.score[row];
  }
  return sum / weight;
}

Series FitSeries(const ObservationTable& table, FitOptions options, int seeds) {
  const std::unique_ptr<Backend> backend = MakeCpuBackend(1);
  const StopSignal stop;
  const Observations observations = ValidateAndSplit(table).value().at(0);
  const bool fits_asymptote = !options.parameters[kFloor].fixed || !options.parameters[kHeadroom].fixed;
  LawOptions& law = options;
  if (fits_asymptote) law = WithAsymptoteBounds(options, MeanScore(observations));
  const Domain domain = MakeDomain(options);
  const Cells cells = Collapse(observations, ChooseReferences(observations, options), options.penalty, Units::kMerge,
                               LawFormFor(domain, options.loss));
  Series series{{}, 0, INFINITY};
  for (int seed = 0; seed < seeds; ++seed) {
    options.seed = seed;
    const SearchResult search =
        SearchGlobally(*backend, cells, domain, options.search, options.seed, stop, [](int, double) {}).value();
    const Refinement end = Refine(cells, domain, search.starts, backend->Host(), stop).value();
    series.fits.push_back({end.point, end.final_cost, end.converged, search.duration});
    series.lowest = std::min(series.lowest, end.final_cost);
  }
  series.variance = ResidualVariance(cells, series.lowest, domain.free_count());
  return series;
}

void PrintMissed(const std::string& configuration, int set, const Series& series) {
  const Fit& best = *std::ranges::min_element(series.fits, {}, &Fit::cost);
  for (std::size_t seed = 0; seed < series.fits.size(); ++seed) {
    const Fit& fit = series.fits[seed];
    if (!series.Missed(fit)) continue;
    absl::FPrintF(stderr, "%s, set %d, seed %d: %.3g deviance units above the best; (%s) and not (%s)\n", configuration,
                  set, seed, series.Excess(fit), absl::StrJoin(fit.point.at, ", "), absl::StrJoin(best.point.at, ", "));
  }
}

void PrintRow(const std::string& configuration, const std::vector<Series>& all) {
  int count = 0;
  int converged = 0;
  int missed = 0;
  double worst = 0;
  std::vector<absl::Duration> durations;
  for (const Series& series : all) {
    for (const Fit& fit : series.fits) {
      ++count;
      converged += fit.converged;
      missed += series.Missed(fit);
      if (fit.converged) worst = std::max(worst, series.Excess(fit));
      durations.push_back(fit.duration);
    }
  }
  std::ranges::nth_element(durations, durations.begin() + count / 2);
  absl::PrintF("| %s | %d | %d | %d | %.2g | %.1f |\n", configuration, count, converged, missed, worst,
               absl::ToDoubleMilliseconds(durations[count / 2]));
  std::fflush(stdout);
}

void Study(int sets, int seeds, int first_set, absl::string_view part) {
  ThreadPool pool(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  absl::PrintF("| configuration | fits | converged | missed | worst | search, ms |\n|---|---|---|---|---|---|\n");
  for (const Configuration& configuration : Configurations()) {
    if (!absl::StrContains(configuration.name, part)) continue;
    std::vector<Series> all(sets);
    pool.ParallelFor(sets, StopSignal(),
                     [&](std::size_t set, int) {
                       all[set] = FitSeries(MakeSet(first_set + static_cast<int>(set)), configuration.options, seeds);
                     })
        .IgnoreError();
    for (int set = 0; set < sets; ++set) PrintMissed(configuration.name, first_set + set, all[set]);
    PrintRow(configuration.name, all);
  }
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  int numbers[] = {60, 20, 0};  // sets, seeds, first set
  const int given = argc - 1;
  bool valid = given <= 4;
  for (int i = 0; valid && i < std::min(given, 3); ++i)
    valid = absl::SimpleAtoi(argv[i + 1], &numbers[i]) && numbers[i] >= 0;
  if (!valid || numbers[0] < 1 || numbers[1] < 1) {
    absl::FPrintF(stderr, "usage: seed_study [SETS [SEEDS [FIRST_SET [PART OF A CONFIGURATION'S NAME]]]]\n");
    return 2;
  }
  ctxfit::Study(numbers[0], numbers[1], numbers[2], given == 4 ? argv[4] : "");
  return EXIT_SUCCESS;
}
