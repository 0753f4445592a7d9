#ifndef CTXFIT_KERNELS_BACKEND_BACKEND_H_
#define CTXFIT_KERNELS_BACKEND_BACKEND_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/backend/proposal.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/descent/levenberg_marquardt.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/resample/weight_scheme.h"

namespace ctxfit {

struct FitOptions;
struct Cells;

// The members of a differential evolution and their costs: sum w (mean y - P)^2 over the cells, +infinity where that is
// not finite.
struct Population {
  std::vector<BasicPoint<float>> members;
  std::vector<double> costs;
};

// Where a differential evolution stands.
struct PopulationSummary {
  int generation = 0;
  std::uint32_t best = 0;  // index of the best member; the lowest of equals
  double best_cost = 0;
  double mean_cost = 0;  // over the members with a finite cost
  std::int64_t evaluation_count = 0;
  std::int64_t non_finite_count = 0;
};

// A differential evolution that runs on a backend's device.
class PopulationSearch {
 public:
  virtual ~PopulationSearch() = default;

  // Runs `generations` more of them: propose, evaluate, select. Returns where the search then stands. Waits for the
  // device. CANCELLED or DEADLINE_EXCEEDED from `stop`, which is looked at every few milliseconds.
  virtual absl::StatusOr<PopulationSummary> Advance(int generations, const StopSignal& stop) = 0;

  // The population as it stands.
  virtual absl::StatusOr<Population> Read() = 0;
};

// The refitted replicates of a bootstrap, by replicate.
struct ReplicateFits {
  std::vector<Point> points;
  std::vector<bool> converged;
  int max_iteration_count = 0;
};

// Bootstrap replicates to refit: replicate b weighs cell i by cells.weight[i] times the weight of its unit in b, and in
// two-way resampling times that of its second unit.
struct ReplicateRequest {
  Point start;  // within the domain
  int replicates;
  WeightScheme weights;
  LmCriteria rule;
};

// Where the heavy loops run. Implementations are thread-compatible: one caller at a time. Nothing above this interface
// asks which one it is. Errors of the device are INTERNAL, or RESOURCE_EXHAUSTED where its memory does not suffice.
class Backend {
 public:
  virtual ~Backend() = default;

  // "cpu" or "cuda".
  virtual std::string Name() const = 0;

  // In words: "2 threads, AVX-512", "NVIDIA H100 80GB HBM3".
  virtual std::string Device() const = 0;

  // Whether it fits with those options. Every backend does with the defaults.
  virtual bool Supports(const FitOptions& options) const = 0;

  // Population of a search that does not choose one.
  virtual int DefaultCandidates() const = 0;

  // Generations between two readings of the summary that cost little.
  virtual int GenerationsPerReading() const = 0;

  // The threads for what a fit computes on the host, between calls of the other functions.
  virtual ThreadPool& Threads() = 0;

  // Up to `most` backends, at least one, for callers side by side. They share what this one has, and give the same
  // results; this one is not used while they live.
  virtual absl::StatusOr<std::vector<std::unique_ptr<Backend>>> Share(int most) = 0;

  // Starts a search from `initial` members, whose costs it evaluates. Copies what it needs of `cells`.
  virtual absl::StatusOr<std::unique_ptr<PopulationSearch>> StartSearch(const Cells& cells,
                                                                        const ProposalSettings& settings,
                                                                        std::vector<BasicPoint<float>> initial,
                                                                        const StopSignal& stop) = 0;

  // Refits bootstrap replicates over cells that kept their units.
  virtual absl::StatusOr<ReplicateFits> RefitReplicates(const Cells& cells, const Domain& domain,
                                                        const ReplicateRequest& request, const StopSignal& stop) = 0;
};

// The CPU backend with that many threads; 0: every core.
std::unique_ptr<Backend> MakeCpuBackend(int threads = 0);

// The CUDA backend on that device. FAILED_PRECONDITION where this build has no CUDA, or the machine no such device.
absl::StatusOr<std::unique_ptr<Backend>> MakeCudaBackend(int device = 0);

// Devices that MakeCudaBackend takes; 0 where there are none.
int CudaDeviceCount();

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_BACKEND_H_
