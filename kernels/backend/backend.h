#ifndef CTXFIT_KERNELS_BACKEND_BACKEND_H_
#define CTXFIT_KERNELS_BACKEND_BACKEND_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "kernels/backend/proposal.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/canonical_order.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/descent/replicate_fits.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/search_over.h"
#include "kernels/objective/host_compute.h"
#include "kernels/resample/weight_scheme.h"

namespace ctxfit {

struct Cells;
struct FitCells;
struct LawForm;
struct Observations;
struct Penalty;
struct References;

// The members of a differential evolution and their costs over the cells, without within_cost; +infinity where a cost
// is not finite.
struct Population {
  std::vector<BasicPoint<float>> members;
  std::vector<double> costs;
};

// The state of a differential evolution after a generation.
struct PopulationSummary {
  int generation = 0;
  std::uint32_t best = 0;  // index of the best member; the lowest index among equal costs
  double best_cost = 0;
  double mean_cost = 0;  // over the members with a finite cost
  std::int64_t evaluation_count = 0;
  std::int64_t non_finite_count = 0;
};

// A differential evolution to start. Cells and members must outlive the call that takes it.
struct SearchProblem {
  const Cells& cells;  // at least one
  ProposalSettings settings;
  absl::Span<const BasicPoint<float>> initial;  // members, at least 3
};

// Differential evolutions that run on a backend's device together. Each goes as it would go alone, to the bit.
class PopulationSearch {
 public:
  virtual ~PopulationSearch() = default;

  // The number of problems.
  virtual int problem_count() const = 0;

  // Runs `generations` more generations (propose, evaluate, select) of the problems `running`, at least one and each
  // once, and returns the state of each after the last, in their order. Waits for the device. Errors: those of `stop`,
  // which is checked every few milliseconds.
  virtual absl::StatusOr<std::vector<PopulationSummary>> Advance(absl::Span<const int> running, int generations,
                                                                 const StopSignal& stop) = 0;

  // The current population of a problem.
  virtual absl::StatusOr<Population> Read(int problem) = 0;
};

// Bootstrap replicates to refit. Replicate b weighs cell i by cells.weight[i] times the weight of its unit in b and, in
// two-way resampling, times the weight of its second unit. Every replicate has a warm start: it descends from `start`,
// the optimum of the fit, which is close to the replicate's own optimum.
struct ReplicateRequest {
  Point start;  // within the domain
  int replicates;
  WeightScheme weights;
  LmCriteria criteria;
};

// The replicates of one task, over cells that kept their units. What it refers to must outlive the call that takes it.
struct ReplicateTask {
  const Cells& cells;
  const Domain& domain;
  const ReplicateRequest& request;
};

// A device that runs the heavy loops. Implementations are thread-compatible: one caller at a time. Nothing above this
// interface asks which implementation it uses. Errors of the device are those of DeviceFailure(), or RESOURCE_EXHAUSTED
// if its memory does not suffice; exceptions become those of CatchExceptions().
class Backend {
 public:
  virtual ~Backend() = default;

  // "cpu" or "cuda".
  virtual std::string Name() const = 0;

  // The device in words: "2 threads, AVX-512", "NVIDIA H100 80GB HBM3".
  virtual std::string Device() const = 0;

  // The population of a search whose options leave it open.
  virtual int DefaultCandidates() const = 0;

  // The cells against which a search evaluates its population where its options leave them open; not kAuto.
  virtual SearchOver DefaultSearchOver() const = 0;

  // Generations per call of PopulationSearch::Advance() that make the cost of reading a summary negligible.
  virtual int GenerationsPerReading() const = 0;

  // True if the populations of many tasks evolve faster in one search than in one search per task on Share().
  virtual bool EvolvesTasksTogether() const = 0;

  // The instruction set and threads for computations on the host, between calls of the other functions.
  virtual HostCompute Host() = 0;
  ThreadPool& Threads() { return Host().pool; }

  // Returns up to `max_count` backends, at least one, for concurrent callers. They divide the threads of this backend,
  // and give the same results; this backend must not be used while they live.
  virtual absl::StatusOr<std::vector<std::unique_ptr<Backend>>> Share(int max_count) = 0;

  // Returns what brings rows into canonical order: on the device, where there are so many that it is worth the copies
  // and its memory suffices. It must not outlive this backend, nor `stop`, whose errors it returns besides those of the
  // device.
  virtual RowSorter Sorter(const StopSignal& stop) = 0;

  // Collapses observations as CollapseBoth() does, with the same bits, on the device under the same conditions.
  virtual absl::StatusOr<FitCells> Collapse(const Observations& observations, const References& references,
                                            const Penalty& penalty, const LawForm& form, const StopSignal& stop) = 0;

  // Starts a search of the first of `problems`, as many as the device's memory holds at a time, at least one. Evaluates
  // their initial members, and copies what it needs of them.
  virtual absl::StatusOr<std::unique_ptr<PopulationSearch>> StartSearch(absl::Span<const SearchProblem> problems,
                                                                        const StopSignal& stop) = 0;

  // Refits bootstrap replicates over cells that kept their units. A replicate that does not converge is a result,
  // marked in ReplicateFits::converged.
  virtual absl::StatusOr<ReplicateFits> RefitReplicates(const Cells& cells, const Domain& domain,
                                                        const ReplicateRequest& request, const StopSignal& stop) = 0;

  // Refits the replicates of those of `tasks` that this backend refits faster together, and returns them by task, with
  // the bits of RefitReplicates(). The other tasks, unset, are left to that function.
  virtual absl::StatusOr<std::vector<std::optional<ReplicateFits>>> RefitTogether(absl::Span<const ReplicateTask> tasks,
                                                                                  const StopSignal& /*stop*/) {
    return std::vector<std::optional<ReplicateFits>>(tasks.size());
  }
};

// Makes a CPU backend with `threads` threads; 0: one per available CPU.
std::unique_ptr<Backend> MakeCpuBackend(int threads = 0);

// Rows from which on a CUDA backend sorts and collapses them on its device. By calculation, not measured: the host
// takes 30 ns a row, the copies of 60 bytes to the device and back 10 ns, and launches and waits a few milliseconds in
// all.
inline constexpr std::size_t kMinDeviceRows = std::size_t{1} << 20;

// Makes a CUDA backend on the device with index `device`, which gets tasks of `min_rows` rows or more.
// FAILED_PRECONDITION if this build has no CUDA or the machine no such device.
absl::StatusOr<std::unique_ptr<Backend>> MakeCudaBackend(int device = 0, std::size_t min_rows = kMinDeviceRows);

// The number of devices that MakeCudaBackend() accepts.
int CudaDeviceCount();

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_BACKEND_H_
