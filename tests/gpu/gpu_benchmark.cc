#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <string>

#include "kernels/backend.h"
#include "kernels/fit.h"
#include "kernels/simulate.h"
#include "tests/gpu/problems.h"

// Speed of the CUDA backend. Rates are per second: a "cell" is a distinct combination of covariates of one candidate or
// replicate, the unit of work of the objective and of the refits.

namespace ctxfit {
namespace {

// The backend, or null with the benchmark marked as skipped.
std::unique_ptr<Backend> OpenOrSkip(benchmark::State& state) {
  absl::StatusOr<std::unique_ptr<Backend>> backend = MakeCudaBackend();
  if (backend.ok()) {
    state.SetLabel((*backend)->Device());
    return *std::move(backend);
  }
  state.SkipWithError(std::string(backend.status().message()).c_str());
  return nullptr;
}

// Generations of a search: candidates, cells, cells per prompt length.
void BM_Generations(benchmark::State& state) {
  const auto backend = OpenOrSkip(state);
  if (backend == nullptr) return;
  const int candidates = static_cast<int>(state.range(0));
  const Cells cells = MadeUpCells(static_cast<int>(state.range(1)), static_cast<int>(state.range(2)), 12, 262);
  constexpr int kGenerations = 16;
  auto search =
      backend->StartSearch(cells, SettingsOf(MakeDomain({}), 1), SpreadMembers(candidates, 1), StopSignal()).value();
  search->Advance(kGenerations, StopSignal()).IgnoreError();
  for (auto _ : state) {
    const auto summary = search->Advance(kGenerations, StopSignal());
    if (!summary.ok()) return state.SkipWithError(summary.status().ToString().c_str());
  }
  const double generations = static_cast<double>(state.iterations()) * kGenerations;
  state.counters["generations"] = benchmark::Counter(generations, benchmark::Counter::kIsRate);
  state.counters["candidate_cells"] =
      benchmark::Counter(generations * candidates * static_cast<double>(cells.size()), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_Generations)
    ->ArgNames({"candidates", "cells", "per_prompt"})
    ->Args({64, 65500, 1})
    ->Args({1024, 65500, 1})
    ->Args({4096, 1000, 1})
    ->Args({4096, 65500, 1})
    ->Args({4096, 65500, 12})
    ->Args({4096, 786000, 12})
    ->Args({16384, 786000, 12})
    ->Args({65536, 65500, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Refits: replicates, cells, resampling units.
void BM_Replicates(benchmark::State& state) {
  const auto backend = OpenOrSkip(state);
  if (backend == nullptr) return;
  const int replicates = static_cast<int>(state.range(0));
  const Cells cells = MadeUpCells(static_cast<int>(state.range(1)), 1, 12, static_cast<int>(state.range(2)));
  ReplicateRequest request = {{{0, 0.5, 0, 0.5}}, replicates, 1, {}};
  request.rule.tolerance = 1e-30;
  request.rule.max_iterations = 5;
  for (auto _ : state) {
    const auto fits = backend->RefitReplicates(cells, MakeDomain({}), request, StopSignal());
    if (!fits.ok()) return state.SkipWithError(fits.status().ToString().c_str());
  }
  const double evaluations = static_cast<double>(state.iterations()) * request.rule.max_iterations * replicates;
  state.counters["replicate_cells"] =
      benchmark::Counter(evaluations * static_cast<double>(cells.size()), benchmark::Counter::kIsRate);
}
BENCHMARK(BM_Replicates)
    ->ArgNames({"replicates", "cells", "units"})
    ->Args({1000, 1000, 262})
    ->Args({1000, 65500, 262})
    ->Args({1000, 65500, 65500})
    ->Args({10000, 65500, 262})
    ->Args({1000, 786000, 262})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// A whole fit with its phases, on either backend: records, crossed or not, CUDA or not.
void BM_Fit(benchmark::State& state) {
  const bool cuda = state.range(2) != 0;
  const auto backend = cuda ? OpenOrSkip(state) : MakeCpuBackend();
  if (backend == nullptr) return;
  const Law law = {{{std::log(0.9), 0.4, std::log(1.1), 0.6}}, {1e23, 2000}, {}};
  SimulationDesign design;
  design.record_count = state.range(0);
  design.crossed = state.range(1) != 0;
  const auto observations = SplitTasks(Simulate(law, design, 1).value()).value();
  double search = 0;
  double refine = 0;
  double resample = 0;
  for (auto _ : state) {
    const auto fits = FitTasks(*backend, observations, {}, StopSignal(), [](const FitProgress&) {});
    if (!fits.ok()) return state.SkipWithError(fits.status().ToString().c_str());
    search += absl::ToDoubleMilliseconds(fits->at(0).search.duration);
    refine += absl::ToDoubleMilliseconds(fits->at(0).refinement.duration);
    resample += absl::ToDoubleMilliseconds(fits->at(0).bootstrap.duration);
  }
  state.SetLabel(backend->Device());
  state.counters["search_ms"] = benchmark::Counter(search, benchmark::Counter::kAvgIterations);
  state.counters["refine_ms"] = benchmark::Counter(refine, benchmark::Counter::kAvgIterations);
  state.counters["resample_ms"] = benchmark::Counter(resample, benchmark::Counter::kAvgIterations);
}
BENCHMARK(BM_Fit)
    ->ArgNames({"records", "crossed", "cuda"})
    ->ArgsProduct({{65500}, {0}, {0, 1}})
    ->ArgsProduct({{786000}, {1}, {0, 1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace ctxfit
