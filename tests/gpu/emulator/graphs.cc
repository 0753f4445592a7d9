#include <cuda_runtime_api.h>

#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "tests/gpu/emulator/machine.h"

// Captures and graphs.

using ctxfit::emulator::Machine;
using ctxfit::emulator::open_captures;
using ctxfit::emulator::TaskGraph;
using ctxfit::emulator::TheMachine;

namespace {

cudaError_t DestroyGraph(TaskGraph* graph) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (machine.graphs.erase(graph) == 0) return Machine::Fail(cudaErrorInvalidValue);
  const std::unique_ptr<TaskGraph> destroyed(graph);
  return cudaSuccess;
}

}  // namespace

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (const cudaError_t error = machine.Begin("cudaStreamBeginCapture"); error != cudaSuccess) return error;
  if (stream->captured != nullptr) return Machine::Fail(cudaErrorInvalidValue);
  stream->captured = std::make_unique<TaskGraph>();
  stream->capturer = std::this_thread::get_id();
  stream->capture_failed = false;
  ++open_captures;
  return cudaSuccess;
}

// Fails after a call of the capture that failed, and ends the capture all the same.
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  const cudaError_t error = machine.Begin("cudaStreamEndCapture");
  *graph = nullptr;
  std::unique_ptr<TaskGraph> captured = std::move(stream->captured);
  if (captured == nullptr) return Machine::Fail(cudaErrorInvalidValue);
  --open_captures;
  if (error != cudaSuccess) return error;
  if (stream->capture_failed) return Machine::Fail(cudaErrorStreamCaptureInvalidated);
  *graph = captured.release();
  machine.graphs.insert(*graph);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (const cudaError_t error = machine.Begin("cudaGraphInstantiate"); error != cudaSuccess) return error;
  *executable = std::make_unique<TaskGraph>(*graph).release();
  machine.graphs.insert(*executable);
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) { return DestroyGraph(graph); }

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) { return DestroyGraph(executable); }

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (const cudaError_t error = machine.Begin("cudaGraphLaunch"); error != cudaSuccess) return error;
  for (const auto& work : executable->work) {
    if (const cudaError_t error = machine.Enqueue(stream, work); error != cudaSuccess) return error;
  }
  return cudaSuccess;
}
