#include <benchmark/benchmark.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kernels/backend/backend.h"
#include "kernels/backend/cuda/device.h"
#include "kernels/backend/cuda/search.h"
#include "kernels/data/split_tasks.h"
#include "kernels/data/valid_table.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/options.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/law/resampling.h"
#include "tests/bench/simulated_table.h"
#include "tests/gpu/problems.h"
#include "tests/kernels/one_search.h"

// Speed and memory of the CUDA backend; the last argument of most says whether it is that one (1) or the CPU's (0), of
// which there are few sizes. Rates are per second: a "cell" is a distinct combination of covariates of one candidate or
// replicate, the unit of work of the objective and of the refits. tests/bench/gpu makes tables of these.

namespace ctxfit {
namespace {

constexpr int kModels = 12;

// Prompt lengths are whole numbers of tokens up to 131,072: so many of 10^8 records share each at the least.
constexpr int kSharedPrompt = 763;

// The backend, or null with the benchmark marked as skipped.
std::unique_ptr<Backend> OpenOrSkip(benchmark::State& state, bool cuda) {
  absl::StatusOr<std::unique_ptr<Backend>> backend = cuda ? MakeCudaBackend() : MakeCpuBackend();
  if (backend.ok()) {
    state.SetLabel((*backend)->Device());
    return *std::move(backend);
  }
  state.SkipWithError(std::string(backend.status().message()).c_str());
  return nullptr;
}

benchmark::Counter Rate(double count) { return {count, benchmark::Counter::kIsRate}; }

// Returns the exponentials per second that no kernel on the first device exceeds, at its highest clock: 16 in a clock
// of a multiprocessor, in every generation from 7.0 to 12.0 (CUDA C++ Programming Guide, "Arithmetic Instructions").
// Infinity where the driver does not tell.
double SpecialFunctionLimit() {
  int multiprocessors = 0, clock_kilohertz = 0;
  if (cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, 0) != cudaSuccess ||
      cudaDeviceGetAttribute(&clock_kilohertz, cudaDevAttrClockRate, 0) != cudaSuccess) {
    return std::numeric_limits<double>::infinity();
  }
  return 16e3 * multiprocessors * clock_kilohertz;
}

// Times generations of a search, as many to an iteration as take about a second at most.
void MeasureGenerations(benchmark::State& state, bool cuda, const Cells& cells, int candidates,
                        const Domain& domain = MakeDomain({})) {
  const auto backend = OpenOrSkip(state, cuda);
  if (backend == nullptr) return;
  constexpr double kPairsPerIteration = 1e11;
  const double pairs = static_cast<double>(candidates) * static_cast<double>(cells.size());
  const int per_iteration = static_cast<int>(std::clamp(kPairsPerIteration / pairs, 1.0, 16.0));
  const auto search = StartOne(*backend, cells, SettingsOf(domain, 1), SpreadMembers(candidates, 1, domain));
  if (!search.ok()) return state.SkipWithError(search.status().ToString().c_str());
  (*search)->Advance(per_iteration, StopSignal()).IgnoreError();
  for (auto _ : state) {
    const auto summary = (*search)->Advance(per_iteration, StopSignal());
    if (!summary.ok()) return state.SkipWithError(summary.status().ToString().c_str());
  }
  const double generations = static_cast<double>(state.iterations()) * per_iteration;
  const double members = generations * candidates;
  state.counters["generations"] = Rate(generations);
  state.counters["candidate_cells"] = Rate(members * static_cast<double>(cells.size()));
  state.counters["candidate_records"] = Rate(members * static_cast<double>(cells.record_count));
  // A lower bound: two make the context factor of a candidate at a prompt length.
  const double exponentials = 2 * members * static_cast<double>(cells.log_prompt.size());
  state.counters["exponentials"] = Rate(exponentials);
  if (cuda) state.counters["special_function_share"] = Rate(exponentials / SpecialFunctionLimit());
}

// The objective by the direct path, one cell per record: candidates, cells, cells per prompt length, CUDA or not.
void BM_Generations(benchmark::State& state) {
  const Cells cells = MadeUpCells(static_cast<int>(state.range(1)), static_cast<int>(state.range(2)), kModels, 0);
  MeasureGenerations(state, state.range(3) != 0, cells, static_cast<int>(state.range(0)));
}
BENCHMARK(BM_Generations)
    ->ArgNames({"candidates", "cells", "per_prompt", "cuda"})
    ->ArgsProduct({{64, 512}, {1000, 10000}, {1}, {0}})
    ->ArgsProduct({{64, 512, 4096, 65536}, {1000, 10000, 100000, 1000000, 10000000, 100000000}, {1}, {1}})
    ->ArgsProduct({{4096}, {100000000}, {kSharedPrompt}, {1}})
    ->ArgsProduct({{4096}, {65500, 786000}, {kModels}, {1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// The objective over the cells of the crossed set: candidates, CUDA or not.
void BM_CrossedGenerations(benchmark::State& state) {
  const Observations observations = ValidateAndSplit(SimulatedTable(kCrossedRecords)).value().front();
  const Cells cells = Collapse(observations, ChooseReferences(observations, {}), {}, Units::kMerge);
  MeasureGenerations(state, state.range(1) != 0, cells, static_cast<int>(state.range(0)));
}
BENCHMARK(BM_CrossedGenerations)
    ->ArgNames({"candidates", "cuda"})
    ->Args({64, 0})
    ->ArgsProduct({{64, 512, 4096, 65536}, {1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// A law with every part fitted, under one of the losses.
FitOptions FullOptions(Loss loss) {
  FitOptions options;
  options.loss.loss = loss;
  options.penalty = {Penalty::Form::kRatio, 0.1, 1};
  options.fit_penalty_width = options.fit_penalty_onset = true;
  options.parameters[kFloor].fixed.reset();
  options.parameters[kHeadroom].fixed.reset();
  return options;
}

// The objective in the full form: candidates, cells, loss (0 squared, 1 Huber's, 2 Bernoulli), CUDA or not.
void BM_FullGenerations(benchmark::State& state) {
  const auto loss = static_cast<Loss>(state.range(2));
  const Cells cells = InFullForm(MadeUpCells(static_cast<int>(state.range(1)), kModels, kModels, 0), loss);
  MeasureGenerations(state, state.range(3) != 0, cells, static_cast<int>(state.range(0)),
                     MakeDomain(FullOptions(loss)));
}
BENCHMARK(BM_FullGenerations)
    ->ArgNames({"candidates", "cells", "loss", "cuda"})
    ->ArgsProduct({{512}, {10000}, {0, 1, 2}, {0}})
    ->ArgsProduct({{4096}, {65500, 786000}, {0, 1, 2}, {1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Peak device memory of a search. Arguments: candidates, cells, cells per prompt length.
void BM_SearchMemory(benchmark::State& state) {
  const Cells cells = MadeUpCells(static_cast<int>(state.range(1)), static_cast<int>(state.range(2)), kModels, 0);
  const auto device = CudaDevice::Open(0);
  if (!device.ok()) return state.SkipWithError(std::string(device.status().message()).c_str());
  state.SetLabel((*device)->name());
  for (auto _ : state) {
    const std::vector<BasicPoint<float>> members = SpreadMembers(static_cast<int>(state.range(0)), 1);
    const auto search = CudaSearch::Start(*device, {{cells, SettingsOf(MakeDomain({}), 1), members}}, StopSignal());
    if (!search.ok()) return state.SkipWithError(search.status().ToString().c_str());
  }
  const auto bytes = (*device)->HighWaterMark();
  if (!bytes.ok()) return state.SkipWithError(bytes.status().ToString().c_str());
  state.counters["bytes"] = static_cast<double>(*bytes);
  state.counters["bytes_per_cell"] = static_cast<double>(*bytes) / static_cast<double>(cells.size());
}
BENCHMARK(BM_SearchMemory)
    ->ArgNames({"candidates", "cells", "per_prompt"})
    ->ArgsProduct({{512}, {10000}, {1}})
    ->ArgsProduct({{4096}, {100000000}, {1, kSharedPrompt}})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Refits: replicates, cells, resampling units, whether these are runs, whose moments are summed in place of cells where
// they have cells enough; CUDA or not.
void BM_Replicates(benchmark::State& state) {
  const auto backend = OpenOrSkip(state, state.range(4) != 0);
  if (backend == nullptr) return;
  const int replicates = static_cast<int>(state.range(0));
  Cells cells = MadeUpCells(static_cast<int>(state.range(1)), 1, kModels, static_cast<int>(state.range(2)));
  if (state.range(3) != 0) GatherIntoRuns(cells);
  ReplicateRequest request = {{{0, 0.5, 0, 0.5}}, replicates, {1}, {}};
  request.criteria.tolerance = 1e-30;
  request.criteria.max_iterations = 5;
  for (auto _ : state) {
    const auto fits = backend->RefitReplicates(cells, MakeDomain({}), request, StopSignal());
    if (!fits.ok()) return state.SkipWithError(fits.status().ToString().c_str());
  }
  const double evaluations = static_cast<double>(state.iterations()) * request.criteria.max_iterations * replicates;
  state.counters["replicate_cells"] = Rate(evaluations * static_cast<double>(cells.size()));
}
BENCHMARK(BM_Replicates)
    ->ArgNames({"replicates", "cells", "units", "runs", "cuda"})
    ->ArgsProduct({{1000}, {1000}, {262}, {0}, {0, 1}})
    ->Args({1000, 65500, 262, 0, 1})
    ->Args({1000, 65500, 65500, 0, 1})
    ->Args({10000, 65500, 262, 0, 1})
    ->ArgsProduct({{1000}, {65500, 786000}, {262}, {1}, {0, 1}})
    ->Args({10000, 786000, 262, 1, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Refits in the full form: replicates, cells, resampling units, loss, kind of weights (0 drawn in kernels, 1 and 2 on
// the host), CUDA or not.
void BM_FullReplicates(benchmark::State& state) {
  const auto backend = OpenOrSkip(state, state.range(5) != 0);
  if (backend == nullptr) return;
  const int replicates = static_cast<int>(state.range(0));
  const auto loss = static_cast<Loss>(state.range(3));
  const Cells made_up = MadeUpCells(static_cast<int>(state.range(1)), 1, kModels, static_cast<int>(state.range(2)));
  const Cells cells = InFullForm(made_up, loss);
  ReplicateRequest request = {{{0, 0.5, 0, 0.5}}, replicates, {1, static_cast<WeightKind>(state.range(4))}, {}};
  request.criteria.tolerance = 1e-30;
  request.criteria.max_iterations = 5;
  for (auto _ : state) {
    const auto fits = backend->RefitReplicates(cells, MakeDomain(FullOptions(loss)), request, StopSignal());
    if (!fits.ok()) return state.SkipWithError(fits.status().ToString().c_str());
  }
  const double evaluations = static_cast<double>(state.iterations()) * request.criteria.max_iterations * replicates;
  state.counters["replicate_cells"] = Rate(evaluations * static_cast<double>(cells.size()));
}
BENCHMARK(BM_FullReplicates)
    ->ArgNames({"replicates", "cells", "units", "loss", "weights", "cuda"})
    ->ArgsProduct({{1000}, {1000}, {262}, {2}, {0, 1, 2}, {0}})
    ->ArgsProduct({{1000}, {65500}, {262, 65500}, {0, 1, 2}, {0}, {1}})
    ->ArgsProduct({{1000}, {65500}, {65500}, {2}, {1, 2}, {1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Rows to canonical order and to cells, both with units merged and with units kept, from columns in memory: rows, CUDA
// or the host alone. The counters divide the time between order and cells.
void BM_Rows(benchmark::State& state) {
  absl::StatusOr<std::unique_ptr<Backend>> backend = state.range(1) != 0 ? MakeCudaBackend(0, 0) : MakeCpuBackend();
  if (!backend.ok()) return state.SkipWithError(backend.status().ToString().c_str());
  state.SetLabel((*backend)->Device());
  const StopSignal stop;
  const ValidTable table = Validate(SimulatedTable(state.range(0))).value();
  absl::Duration order, collapse;
  for (auto _ : state) {
    const absl::Time begin = absl::Now();
    const auto tasks = SplitTasks(table, Resampling::kAuto, (*backend)->Sorter(stop));
    if (!tasks.ok()) return state.SkipWithError(tasks.status().ToString().c_str());
    const absl::Time ordered = absl::Now();
    const Observations& only = tasks->front();
    const auto cells = (*backend)->Collapse(only, ChooseReferences(only, {}), {}, {}, stop);
    if (!cells.ok()) return state.SkipWithError(cells.status().ToString().c_str());
    order += ordered - begin;
    collapse += absl::Now() - ordered;
  }
  const auto mean = [](absl::Duration duration) {
    return benchmark::Counter(absl::ToDoubleMilliseconds(duration), benchmark::Counter::kAvgIterations);
  };
  state.counters["order_ms"] = mean(order);
  state.counters["collapse_ms"] = mean(collapse);
  state.counters["rows"] = Rate(static_cast<double>(state.iterations()) * static_cast<double>(state.range(0)));
}
BENCHMARK(BM_Rows)
    ->ArgNames({"rows", "cuda"})
    ->ArgsProduct({{1000000, 10000000, 100000000}, {0, 1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Durations of the phases of a fit, in milliseconds per iteration.
class Phases {
 public:
  void Add(const std::vector<TaskFit>& fits) {
    for (const TaskFit& fit : fits) {
      search_ += fit.search.duration;
      refine_ += fit.refinement.duration;
      resample_ += fit.bootstrap.duration;
    }
  }

  void Count(benchmark::State& state) const {
    const auto mean = [](absl::Duration duration) {
      return benchmark::Counter(absl::ToDoubleMilliseconds(duration), benchmark::Counter::kAvgIterations);
    };
    state.counters["search_ms"] = mean(search_);
    state.counters["refine_ms"] = mean(refine_);
    state.counters["resample_ms"] = mean(resample_);
  }

 private:
  absl::Duration search_;
  absl::Duration refine_;
  absl::Duration resample_;
};

// A whole fit, from columns in memory to intervals: records, replicates, CUDA or not. The first of a process, which
// loads the kernels, is counted by itself.
void BM_Fit(benchmark::State& state) {
  const auto backend = OpenOrSkip(state, state.range(2) != 0);
  if (backend == nullptr) return;
  const ObservationTable table = SimulatedTable(state.range(0));
  FitOptions options;
  options.bootstrap.replicates = static_cast<int>(state.range(1));
  absl::StatusOr<std::vector<TaskFit>> fits;
  const auto fit = [&] {
    const std::vector<Observations> tasks = ValidateAndSplit(table).value();
    fits = FitTasks(*backend, tasks, options, StopSignal(), [](const FitProgress&) {});
    if (!fits.ok()) state.SkipWithError(fits.status().ToString().c_str());
    return fits.ok();
  };
  const absl::Time begin = absl::Now();
  if (!fit()) return;
  state.counters["first_ms"] = absl::ToDoubleMilliseconds(absl::Now() - begin);
  Phases phases;
  for (auto _ : state) {
    if (!fit()) return;
    phases.Add(*fits);
  }
  phases.Count(state);
  state.counters["candidates"] = fits->front().search.candidate_count;
  state.counters["cost"] = fits->front().refinement.final_cost;
  state.counters["evaluations"] = static_cast<double>(fits->front().search.evaluation_count);
  state.counters["converged_replicates"] = fits->front().bootstrap.converged_count;
}
BENCHMARK(BM_Fit)
    ->ArgNames({"records", "replicates", "cuda"})
    ->ArgsProduct({{2000, kPaperRecords}, {0, 1000}, {0, 1}})
    ->ArgsProduct({{kCrossedRecords}, {1000}, {0, 1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// Many tasks in one call, each simulated from a seed of its own: tasks, records of each, replicates, CUDA or not. The
// counters tell when the fits began and ended, in seconds since 1970, so that what the device did then can be told.
void BM_Tasks(benchmark::State& state) {
  const auto backend = OpenOrSkip(state, state.range(3) != 0);
  if (backend == nullptr) return;
  std::vector<Observations> tasks;
  for (int i = 0; i < state.range(0); ++i) {
    tasks.push_back(std::move(ValidateAndSplit(SimulatedTable(state.range(1), i + 1)).value().front()));
    tasks.back().task = absl::StrCat("task ", i);
  }
  FitOptions options;
  options.bootstrap.replicates = static_cast<int>(state.range(2));
  Phases phases;
  for (auto _ : state) {
    state.counters["begin"] = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
    const auto fits = FitTasks(*backend, tasks, options, StopSignal(), [](const FitProgress&) {});
    state.counters["end"] = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
    if (!fits.ok()) return state.SkipWithError(fits.status().ToString().c_str());
    phases.Add(*fits);
  }
  phases.Count(state);
}
BENCHMARK(BM_Tasks)
    ->ArgNames({"tasks", "records", "replicates", "cuda"})
    ->ArgsProduct({{10}, {2000}, {1000}, {0, 1}})
    ->ArgsProduct({{1, 10, 100, 1000}, {500}, {0}, {1}})
    ->ArgsProduct({{1000}, {kPaperRecords}, {1000}, {1}})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace ctxfit
