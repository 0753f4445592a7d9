#ifndef CTXFIT_SERVER_FIT_LANES_H_
#define CTXFIT_SERVER_FIT_LANES_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fit.pb.h"
#include "kernels/backend.h"
#include "server/work_queue.h"

namespace ctxfit {

// A backend and the queue of the fits that wait for it. The queue has one worker, which alone uses the backend.
struct FitLane {
  std::unique_ptr<Backend> backend;
  std::unique_ptr<WorkQueue> queue;  // destroyed first
};

// The lanes of a server: one for the CPU, and one for each GPU. Thread-safe once made.
class FitLanes {
 public:
  // Opens every GPU that this machine has. `cpu_threads` 0 is every core. Up to `capacity` fits wait in each lane.
  // Errors of a GPU that does not open are returned: a server that was meant to have it should not run without.
  static absl::StatusOr<std::unique_ptr<FitLanes>> Open(int cpu_threads, std::size_t capacity);

  // The lane for a request's choice: the first GPU with the shortest queue for CUDA, and for AUTO where there is one
  // that fits with those options. FAILED_PRECONDITION where CUDA is asked for and there is none.
  absl::StatusOr<FitLane*> Choose(v1::Backend backend, const FitOptions& options);

  void Close();
  bool AwaitIdle(absl::Time deadline);
  void CancelAll();

 private:
  FitLanes() = default;
  void Add(std::unique_ptr<Backend> backend, std::size_t capacity);

  std::vector<FitLane> lanes_;  // the CPU's first
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_FIT_LANES_H_
