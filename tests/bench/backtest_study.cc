// Cost and trustworthiness of backtests, for BACKTEST.md: processor time of folds beside that of a fit, held-out errors
// by refits beside those by full searches, and verdicts on simulated truths. Times are those of one thread, so that
// other work of the machine does not count.

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kernels/backend/backend.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/backtest.h"
#include "kernels/fit/held_out_levels.h"
#include "kernels/fit/options.h"
#include "tests/bench/simulated_table.h"
#include "tests/kernels/real_data.h"

namespace ctxfit {
namespace {

double ProcessorMilliseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto milliseconds = [](const timeval& time) {
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_usec);
  };
  return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

// The least processor time of several calls, in milliseconds.
double Time(const std::function<void()>& work) {
  double least = 1e300;
  for (int i = 0; i < 5; ++i) {
    const double begin = ProcessorMilliseconds();
    work();
    least = std::min(least, ProcessorMilliseconds() - begin);
  }
  return least;
}

const FitObserver kSilent = [](const FitProgress&) {};

// A file of tests/data without its rows beyond the limit.
Observations Within(const std::string& file) {
  const ObservationTable table = ReadRealData(file);
  ObservationTable within;
  for (std::size_t row = 0; row < table.score.size(); ++row) {
    if (table.prompt_tokens[row] > table.context_limit_tokens[row]) continue;
    within.training_compute_flops.push_back(table.training_compute_flops[row]);
    within.prompt_tokens.push_back(table.prompt_tokens[row]);
    within.context_limit_tokens.push_back(table.context_limit_tokens[row]);
    within.score.push_back(table.score[row]);
    if (!table.weight.empty()) within.weight.push_back(table.weight[row]);
    if (!table.cluster.empty()) within.cluster.push_back(table.cluster[row]);
  }
  return ValidateAndSplit(within).value().front();
}

void PrintCosts(Backend& backend) {
  std::printf("| data | rows | fit | fit, 200 replicates | levels in a fit | 10 folds, 200 replicates | in fits |\n");
  std::printf("|---|---|---|---|---|---|---|\n");
  const auto print = [&backend](const char* name, Observations observations) {
    // Ten folds of about equal size, each of which leaves out a tenth of the rows.
    for (std::size_t row = 0; row < observations.size(); ++row) {
      observations.group.push_back(static_cast<std::int32_t>(row % 10));
    }
    FitOptions few;
    few.bootstrap.replicates = kBacktestReplicates;
    const TaskFit fit = FitTask(backend, observations, {}, StopSignal()).value();
    const double whole = Time([&] { FitTask(backend, observations, {}, StopSignal()).value(); });
    const double short_fit = Time([&] { FitTask(backend, observations, few, StopSignal()).value(); });
    const double levels =
        Time([&] { CompareWithBaselines(backend, observations, {}, fit, true, StopSignal()).value(); });
    const double folds = Time([&] {
      BacktestTasks(backend, {&observations, 1}, {few, FoldScheme::kGroup, {}}, StopSignal(), kSilent).value();
    });
    std::printf("| %s | %zu | %.1f ms | %.1f ms | %.1f ms, %.0f %% | %.1f ms | %.1f |\n", name, observations.size(),
                whole, short_fit, levels, 100 * levels / whole, folds, folds / short_fit);
  };
  print("YaRN within the limit", Within("yarn_inverse_perplexity.csv"));
  print("RULER within the limit", Within("ruler.csv"));
  print("NaturalQuestions", Within("natural_questions_shots.csv"));
  print("Banking77, runs", Within("manyshot_banking77_runs.csv"));
  print("simulated after the paper", ValidateAndSplit(SimulatedTable(65'500)).value().front());
}

void PrintRefits(Backend& backend) {
  std::printf("| data | held-out levels | by full fits to all rows | by refits, as `fit` does |\n|---|---|---|---|\n");
  const auto print = [&backend](const char* name, const Observations& observations) {
    FitOptions options;
    options.bootstrap.replicates = 0;
    const TaskFit fit = FitTask(backend, observations, options, StopSignal()).value();
    const Contest contest = CompareWithBaselines(backend, observations, options, fit, true, StopSignal()).value();
    const TaskBacktest full =
        BacktestTasks(backend, {&observations, 1}, {options, FoldScheme::kLevel, {}}, StopSignal(), kSilent)
            .value()
            .front();
    std::printf("| %s | %d | %.6f | %.6f |\n", name, full.fitted_count, full.errors.front().means.mae,
                contest.held_out->errors.front().mae);
  };
  print("YaRN within the limit", Within("yarn_inverse_perplexity.csv"));
  print("YaRN, all rows", ValidateAndSplit(ReadRealData("yarn_inverse_perplexity.csv")).value().front());
  print("RULER within the limit", Within("ruler.csv"));
  print("NaturalQuestions", Within("natural_questions_shots.csv"));
  print("Banking77, runs", Within("manyshot_banking77_runs.csv"));
  print("simulated after the paper", ValidateAndSplit(SimulatedTable(65'500)).value().front());
}

// A truth of the simulations: the expected score at ln(C / 1e22) and ln(n / 1000).
struct Truth {
  const char* name;
  double (*score)(double log_compute, double log_prompt);
};

double Logistic(double x) { return 1 / (1 + std::exp(-x)); }

const Truth kTruths[] = {
    {"law",
     [](double c, double n) { return -std::expm1(-0.9 * std::exp(0.3 * c)) * -std::expm1(-0.9 * std::exp(0.3 * n)); }},
    {"law, saturated",
     [](double c, double n) { return -std::expm1(-1.5 * std::exp(0.6 * c)) * -std::expm1(-2.0 * std::exp(0.6 * n)); }},
    {"line on the logit", [](double c, double n) { return Logistic(-0.5 + 0.3 * c + 0.3 * n); }},
    {"line on the logarithm", [](double c, double n) { return std::fmin(1, 0.3 * std::exp(0.12 * c + 0.12 * n)); }},
    {"falls with length", [](double c, double n) { return Logistic(0.3 * c - 0.3 * n); }},
};

// Ten levels over two and a half decades of compute, eight prompts of 200 to 8,000 tokens; on the logit a level is off
// by a normal number of standard deviation 0.06, a row by one of 0.04.
Observations Draw(const Truth& truth, int seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  ObservationTable table;
  for (int level = 0; level < 10; ++level) {
    const double log_compute = std::log(10) * (-1.25 + 2.5 * level / 9);
    const double of_level = 0.06 * normal(random);
    for (int i = 0; i < 8; ++i) {
      const double log_prompt = std::log(0.2) + std::log(40) * i / 7;
      const double score = truth.score(log_compute, log_prompt);
      const double logit = std::log(score / (1 - score)) + of_level + 0.04 * normal(random);
      table.training_compute_flops.push_back(1e22 * std::exp(log_compute));
      table.prompt_tokens.push_back(1000 * std::exp(log_prompt));
      table.context_limit_tokens.push_back(16384);
      table.score.push_back(Logistic(logit));
    }
  }
  return ValidateAndSplit(table).value().front();
}

void PrintVerdicts(Backend& backend, int sets) {
  std::printf("| truth | sets | law | undecided | line |\n|---|---|---|---|---|\n");
  FitOptions options;
  options.bootstrap.replicates = 0;
  for (const Truth& truth : kTruths) {
    int counts[3] = {};
    for (int seed = 1; seed <= sets; ++seed) {
      const Observations observations = Draw(truth, seed);
      const TaskFit fit = FitTask(backend, observations, options, StopSignal()).value();
      const Contest contest = CompareWithBaselines(backend, observations, options, fit, true, StopSignal()).value();
      ++counts[static_cast<int>(contest.held_out->verdict->kind)];
    }
    std::printf("| %s | %d | %d | %d | %d |\n", truth.name, sets, counts[static_cast<int>(VerdictKind::kLaw)],
                counts[static_cast<int>(VerdictKind::kUndecided)], counts[static_cast<int>(VerdictKind::kLine)]);
  }
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  const std::unique_ptr<ctxfit::Backend> backend = ctxfit::MakeCpuBackend(1);
  std::printf("\n## Processor time\n\n");
  ctxfit::PrintCosts(*backend);
  std::printf("\n## Refits against full fits: mean absolute error on held-out means\n\n");
  ctxfit::PrintRefits(*backend);
  std::printf("\n## Verdicts on simulated truths\n\n");
  ctxfit::PrintVerdicts(*backend, argc > 1 ? std::atoi(argv[1]) : 300);
  return 0;
}
