#ifndef CTXFIT_KERNELS_BACKEND_CUDA_GRAPH_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_GRAPH_H_

#include <cuda_runtime_api.h>

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ctxfit {

// Owner of a CUDA graph that can be launched any number of times: one call instead of one per kernel.
class Graph {
 public:
  // Records the work that `enqueue` puts into `stream` instead of running it.
  static absl::StatusOr<Graph> Capture(cudaStream_t stream, const std::function<absl::Status()>& enqueue);

  Graph(Graph&& other) noexcept;
  Graph& operator=(Graph&& other) noexcept;
  ~Graph();

  // Enqueues one run. Does not wait.
  absl::Status Launch(cudaStream_t stream) const;

 private:
  explicit Graph(cudaGraphExec_t executable) : executable_(executable) {}

  cudaGraphExec_t executable_;
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_GRAPH_H_
