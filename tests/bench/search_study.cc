// Measures settings of the search on real and simulated sets and prints one CSV row per set and setting:
//
//   found      share of seeds whose best candidate costs within 0.1 deviance units of the optimum, before refinement
//   basin      share whose best candidate alone refines to the optimum
//   refined    share of which any of the refined candidates reaches the optimum
//   mistaken   share that missed the optimum and yet met the rule for having converged
//
// The optimum is the lowest cost of all runs on the set.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "client/input/observation_reader.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "kernels/data/cells.h"
#include "kernels/data/simulate.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/search/search.h"
#include "server/wire/wire_messages.h"
#include "tests/oracle/data_sets.h"

namespace ctxfit {
namespace {

struct StudySet {
  std::string name;
  Cells cells;
};

struct Setting {
  int candidates;
  double mutation_lower;
  double mutation_upper;
  double crossover;
};

struct Run {
  double evaluations;
  double search_cost;
  double best_refined_cost;  // from the best candidate alone
  double refined_cost;
  bool converged;
};

StudySet Prepare(const std::string& name, const ObservationTable& table, const Penalty& penalty) {
  const Observations task = ValidateAndSplit(table).value().at(0);
  return {name, Collapse(task, ChooseReferences(task, {}), penalty, Units::kMerge)};
}

StudySet ReadSet(const std::string& name, const std::string& file, const std::string& where, Penalty::Form form) {
  const ObservationInput input =
      ReadObservations({{std::string(CTXFIT_TEST_DATA "/") + file}, InputFormat::kAuto, where, ""}).value();
  Penalty penalty;
  penalty.form = form;
  v1::FitRequest request;
  *request.mutable_observations() = input.observations;
  return Prepare(name, ReadRequest<v1::FitRequest>(ToBytes(request).value()).value().observations, penalty);
}

// The real sets, those simulated sets of tests/oracle with more than one optimum, two of its easy ones, and the paper's
// design.
std::vector<StudySet> MakeSets() {
  constexpr auto kTokens = Penalty::Form::kTokens;
  const std::string yarn = "yarn_inverse_perplexity.csv";
  std::vector<StudySet> sets = {
      ReadSet("yarn_within", yarn, "prompt_tokens < context_limit_tokens", kTokens),
      ReadSet("yarn_all", yarn, "", kTokens),
      ReadSet("yarn_no_penalty", yarn, "", Penalty::Form::kNone),
      ReadSet("natural_questions", "natural_questions_shots.csv", "", kTokens),
      ReadSet("banking77_runs", "manyshot_banking77_runs.csv", "", kTokens),
      ReadSet("ruler", "ruler.csv", "", kTokens),
  };
  for (const int index : {0, 6, 9, 12, 19, 24, 27, 43}) {
    const DataSet set = MakeDataSet(index);
    sets.push_back(Prepare(set.name, set.table, {}));
  }
  const Law law{{{std::log(0.8), 0.5, std::log(1.2), 0.4}}, {1e23, 2048}, {}};
  sets.push_back(Prepare("paper_65500_binary", Simulate(law, {}, 1).value(), {}));
  return sets;
}

std::vector<Setting> MakeSettings() {
  std::vector<Setting> settings;
  for (const int candidates : {32, 64, 128, 256, 1024}) settings.push_back({candidates, 0.5, 1, 0.8});
  for (const double crossover : {0.5, 0.7, 0.9}) settings.push_back({64, 0.5, 1, crossover});
  settings.push_back({64, 0.3, 0.7, 0.8});
  settings.push_back({64, 0.7, 1, 0.8});
  settings.push_back({64, 0.8, 0.8, 0.8});
  return settings;
}

Run Measure(Backend& backend, const StudySet& set, const Setting& setting, std::uint64_t seed) {
  FitOptions options;
  options.seed = seed;
  options.search.candidates = setting.candidates;
  options.search.crossover = setting.crossover;
  options.search.mutation = {setting.mutation_lower, setting.mutation_upper};
  const Domain domain = MakeDomain(options);
  const StopSignal stop;
  SearchResult search =
      SearchGlobally(backend, set.cells, domain, options.search, options.seed, stop, [](int, double) {}).value();
  const Refinement best = Refine(set.cells, domain, {search.best}, backend.Host(), stop).value();
  const Refinement all = Refine(set.cells, domain, search.starts, backend.Host(), stop).value();
  return {static_cast<double>(search.evaluation_count), search.best_cost, best.final_cost, all.final_cost,
          all.converged};
}

// Share of runs for which `holds`, in percent.
template <class Predicate>
double Percent(const std::vector<Run>& runs, Predicate holds) {
  return 100.0 * static_cast<double>(std::ranges::count_if(runs, holds)) / static_cast<double>(runs.size());
}

void Print(const StudySet& set, const Setting& setting, std::vector<Run> runs, double optimum) {
  const double variance = optimum / std::max(1.0, static_cast<double>(set.cells.record_count) - int{kCoordinateCount});
  // Costs are sums of thousands of rounded terms; an optimum of its own lies much further off.
  const double reached = optimum * (1 + 1e-9);
  std::ranges::sort(runs, {}, &Run::evaluations);
  absl::PrintF("%s,%d,%g,%g,%g,%.0f,%.0f,%.0f,%.0f,%.0f\n", set.name, setting.candidates, setting.mutation_lower,
               setting.mutation_upper, setting.crossover, runs[runs.size() / 2].evaluations,
               Percent(runs, [&](const Run& run) { return run.search_cost - optimum < 0.1 * variance; }),
               Percent(runs, [&](const Run& run) { return run.best_refined_cost <= reached; }),
               Percent(runs, [&](const Run& run) { return run.refined_cost <= reached; }),
               Percent(runs, [&](const Run& run) { return run.refined_cost > reached && run.converged; }));
}

void Study(Backend& backend, const StudySet& set, int seeds) {
  const std::vector<Setting> settings = MakeSettings();
  std::vector<std::vector<Run>> runs(settings.size());
  double optimum = INFINITY;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    for (int seed = 0; seed < seeds; ++seed) {
      runs[i].push_back(Measure(backend, set, settings[i], seed));
      optimum = std::min(optimum, runs[i].back().refined_cost);
    }
  }
  for (std::size_t i = 0; i < settings.size(); ++i) Print(set, settings[i], runs[i], optimum);
  std::fflush(stdout);
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  int seeds = 20;
  if (argc > 2 || (argc == 2 && (!absl::SimpleAtoi(argv[1], &seeds) || seeds < 1))) {
    absl::FPrintF(stderr, "usage: search_study [SEEDS]\n");
    return 2;
  }
  absl::PrintF("set,candidates,mutation_lower,mutation_upper,crossover,evaluations,found,basin,refined,mistaken\n");
  const std::unique_ptr<ctxfit::Backend> backend = ctxfit::MakeCpuBackend(1);
  for (const ctxfit::StudySet& set : ctxfit::MakeSets()) ctxfit::Study(*backend, set, seeds);
  return EXIT_SUCCESS;
}
