#include "kernels/backend/cuda/graph.h"

#include <utility>

#include "kernels/backend/cuda/status.h"
#include "kernels/base/catch_exceptions.h"

namespace ctxfit {

absl::StatusOr<Graph> Graph::Capture(cudaStream_t stream, const std::function<absl::Status()>& enqueue) {
  // Thread-local mode, so that CUDA calls of other threads do not fail during the capture.
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  // Whatever becomes of `enqueue`, the capture ends, and its end is looked at: it fails after a failed launch, and that
  // error is not to come back from a later call.
  const absl::Status enqueued = CatchExceptions(enqueue);
  cudaGraph_t graph = nullptr;
  const absl::Status ended =
      CudaStatus(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture", __FILE__, __LINE__);
  absl::Status status = enqueued.ok() ? ended : enqueued;
  cudaGraphExec_t executable = nullptr;
  if (status.ok()) {
    status = CudaStatus(cudaGraphInstantiate(&executable, graph, 0), "cudaGraphInstantiate", __FILE__, __LINE__);
  }
  if (graph != nullptr) LogIfCudaError(cudaGraphDestroy(graph), "cudaGraphDestroy");
  if (!status.ok()) return status;
  return Graph(executable);
}

Graph::Graph(Graph&& other) noexcept : executable_(std::exchange(other.executable_, nullptr)) {}

Graph& Graph::operator=(Graph&& other) noexcept {
  std::swap(executable_, other.executable_);
  return *this;
}

Graph::~Graph() {
  if (executable_ != nullptr) LogIfCudaError(cudaGraphExecDestroy(executable_), "cudaGraphExecDestroy");
}

absl::Status Graph::Launch(cudaStream_t stream) const {
  CTXFIT_CUDA_RETURN_IF_ERROR(cudaGraphLaunch(executable_, stream));
  return absl::OkStatus();
}

}  // namespace ctxfit
