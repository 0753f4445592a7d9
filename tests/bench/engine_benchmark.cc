// The engine on the CPU, whole and by part, on simulated records after the design of arXiv 2510.14919: 65,500 records,
// or 65,500 instances that each of twelve models scored.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "kernels/data/cells.h"
#include "kernels/data/split_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/objective/linearization.h"
#include "kernels/objective/vector_kernels.h"
#include "kernels/predict/predict.h"
#include "kernels/predict/predictions.h"
#include "kernels/search/candidates.h"
#include "kernels/search/search.h"
#include "tests/bench/simulated_table.h"

namespace ctxfit {
namespace {

// One simulated task, ready for the engine's parts.
struct Problem {
  explicit Problem(std::int64_t records)
      : tasks(ValidateAndSplit(SimulatedTable(records)).value()),
        references(ChooseReferences(tasks[0], options)),
        domain(MakeDomain(options)),
        cells(Collapse(tasks[0], references, options.penalty, Units::kMerge)),
        cells_of_units(Collapse(tasks[0], references, options.penalty, Units::kKeep)),
        backend(MakeCpuBackend()) {}

  SearchResult Search() {
    return SearchGlobally(*backend, cells, domain, options.search, options.seed, stop, [](int, double) {}).value();
  }

  Refinement Refine(const SearchResult& found) {
    return ctxfit::Refine(cells, domain, found.starts, backend->Host(), stop).value();
  }

  FitOptions options;
  std::vector<Observations> tasks;
  References references;
  Domain domain;
  Cells cells;
  Cells cells_of_units;
  std::unique_ptr<Backend> backend;
  StopSignal stop;
};

// A fit from columns to intervals, every option at its default: 1,000 replicates over the clusters.
void BM_Fit(benchmark::State& state) {
  const ObservationTable table = SimulatedTable(state.range(0));
  const std::unique_ptr<Backend> backend = MakeCpuBackend();
  for (auto _ : state) {
    const std::vector<Observations> tasks = ValidateAndSplit(table).value();
    const TaskFit fit = FitTasks(*backend, tasks, {}, StopSignal(), [](const FitProgress&) {}).value().at(0);
    state.counters["cost"] = fit.refinement.final_cost;
    state.counters["converged_replicates"] = fit.bootstrap.converged_count;
  }
}

// Many tasks, each simulated from a seed of its own: together in one call, or one after the other.
void BM_Tasks(benchmark::State& state) {
  std::vector<Observations> tasks;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    tasks.push_back(std::move(ValidateAndSplit(SimulatedTable(state.range(1), i + 1)).value().front()));
  }
  const std::unique_ptr<Backend> backend = MakeCpuBackend();
  const auto fit = [&](absl::Span<const Observations> some) {
    benchmark::DoNotOptimize(FitTasks(*backend, some, {}, StopSignal(), [](const FitProgress&) {}).value());
  };
  for (auto _ : state) {
    if (state.range(2) != 0) {
      fit(tasks);
      continue;
    }
    for (const Observations& task : tasks) fit({&task, 1});
  }
  state.counters["tasks"] =
      benchmark::Counter(static_cast<double>(state.range(0)), benchmark::Counter::kIsIterationInvariantRate);
}

void BM_SplitTasks(benchmark::State& state) {
  const ValidTable table = Validate(SimulatedTable(state.range(0))).value();
  for (auto _ : state) benchmark::DoNotOptimize(SplitTasks(table).value());
}

void BM_Collapse(benchmark::State& state) {
  const Problem problem(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(Collapse(problem.tasks[0], problem.references, problem.options.penalty, Units::kMerge));
  }
  state.counters["cells"] = static_cast<double>(problem.cells.size());
  state.counters["cells_of_units"] = static_cast<double>(problem.cells_of_units.size());
}

void BM_Search(benchmark::State& state) {
  Problem problem(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(problem.Search());
}

void BM_Refine(benchmark::State& state) {
  Problem problem(state.range(0));
  const SearchResult found = problem.Search();
  for (auto _ : state) {
    benchmark::DoNotOptimize(problem.Refine(found));
  }
}

void BM_Replicates(benchmark::State& state) {
  Problem problem(state.range(0));
  const Refinement best = problem.Refine(problem.Search());
  ReplicateRequest request;
  request.start = best.point;
  request.replicates = problem.options.bootstrap.replicates;
  request.weights.seed = problem.options.seed;
  request.criteria.variance = ResidualVariance(problem.cells, best.final_cost, kCoordinateCount);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        problem.backend->RefitReplicates(problem.cells_of_units, problem.domain, request, problem.stop).value());
  }
}

// One evaluation of 4,096 candidates.
void BM_Objective(benchmark::State& state) {
  Problem problem(state.range(0));
  ProposalSettings settings{};
  for (int i = 0; i < kCoordinateCount; ++i) {
    settings.lower.at[i] = static_cast<float>(problem.domain.lower.at[i]);
    settings.upper.at[i] = static_cast<float>(problem.domain.upper.at[i]);
    settings.free[i] = true;
  }
  const std::vector<BasicPoint<float>> candidates = LatinHypercube(problem.domain, 4096, 1);
  for (auto _ : state) {
    const auto search = problem.backend->StartSearch({{problem.cells, settings, candidates}}, problem.stop).value();
    benchmark::DoNotOptimize(search->Advance({0}, 0, problem.stop).value());
  }
  const auto pairs = static_cast<double>(candidates.size() * problem.cells.size());
  state.counters["candidate_cells"] = benchmark::Counter(pairs, benchmark::Counter::kIsIterationInvariantRate);
}

// 1,000 replicates, with their standard errors of a fit to some ten runs, and an influence that accelerates little.
PredictionSource SourceOfBands() {
  PredictionSource source{{{{-0.5, 0.35, 0.1, 0.45}}, {1e23, 2000}, {}}, {}, {true, true, true, true}, {}};
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (int b = 0; b < 1000; ++b) {
    Point point = source.law.point;
    for (int i = 0; i < kFactorCoordinateCount; ++i) point.at[i] += 0.05 * normal(random);
    source.replicates.push_back(point);
  }
  return source;
}

// 10,000 points of 100 computes, on a grid with 100 prompt lengths or each of a prompt length of its own.
PredictionPoints SomePoints(bool grid) {
  PredictionPoints points;
  for (int i = 0; i < 10000; ++i) {
    points.compute.push_back(1e22 * (1 + i % 100));
    const int length = i / 100;
    points.prompt.push_back(grid ? 1000.0 * (1 + length) : 10.0 * (1 + i));
    points.limit.push_back(131072);
  }
  return points;
}

void Predict(benchmark::State& state, const PredictionSource& source, bool grid, const BandOptions& options) {
  const PredictionPoints points = SomePoints(grid);
  const StopSignal stop;
  const auto threads = static_cast<int>(state.range(0));
  for (auto _ : state)
    benchmark::DoNotOptimize(PredictWithBands(BestVectorKernels(), source, points, options, stop, threads).value());
}

// 10,000 points with bands of 1,000 replicates, on one thread or two.
void BM_PredictGrid(benchmark::State& state) { Predict(state, SourceOfBands(), true, {}); }
void BM_PredictScattered(benchmark::State& state) { Predict(state, SourceOfBands(), false, {}); }
void BM_PredictSimultaneous(benchmark::State& state) { Predict(state, SourceOfBands(), true, {.simultaneous = true}); }

void BM_PredictAccelerated(benchmark::State& state) {
  PredictionSource source = SourceOfBands();
  source.influence.emplace();
  for (int i = 0; i < kFactorCoordinateCount; ++i) {
    source.influence->second[PackedIndex(i, i)] = 0.05 * 0.05;
    source.influence->third[CubeIndex(i, i, i)] = 0.05 * 0.05 * 0.05 / 4;
  }
  Predict(state, source, true, {});
}

void BM_PredictFittedPenalty(benchmark::State& state) {
  PredictionSource source = SourceOfBands();
  source.law.penalty = {Penalty::Form::kRatio, 0.2, 1.2};
  for (std::size_t b = 0; b < source.replicates.size(); ++b) {
    source.replicates[b].at[kLogPenaltyWidth] = 1e-4 * static_cast<double>(b);
  }
  Predict(state, source, true, {});
}

BENCHMARK(BM_Fit)->Arg(kPaperRecords)->Arg(kCrossedRecords)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_Tasks)
    ->ArgNames({"tasks", "records", "together"})
    ->ArgsProduct({{32}, {500, 2000, kPaperRecords}, {0, 1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
// The many fits of one request where a GPU is to earn its keep: what they take without one.
BENCHMARK(BM_Tasks)
    ->ArgNames({"tasks", "records", "together"})
    ->Args({1000, kPaperRecords, 1})
    ->Iterations(1)
    ->Repetitions(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(BM_SplitTasks)->Arg(kPaperRecords)->Arg(kCrossedRecords)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Collapse)->Arg(kPaperRecords)->Arg(kCrossedRecords)->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Search)->Arg(kPaperRecords)->Arg(kCrossedRecords)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_Refine)->Arg(kPaperRecords)->Arg(kCrossedRecords)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_Replicates)->Arg(kPaperRecords)->Arg(kCrossedRecords)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_Objective)->Arg(kPaperRecords)->Arg(kCrossedRecords)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_PredictGrid)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_PredictScattered)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_PredictSimultaneous)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_PredictAccelerated)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_PredictFittedPenalty)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace ctxfit

BENCHMARK_MAIN();
