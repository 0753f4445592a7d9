#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>

#include "tests/gpu/emulator/block.h"
#include "tests/gpu/emulator/language.h"
#include "tests/gpu/emulator/limits.h"
#include "tests/gpu/emulator/machine.h"
#include "tests/gpu/emulator/memory.h"
#include "tests/gpu/emulator/report.h"

// Streams: launches, copies and waits.

using ctxfit::emulator::AddReport;
using ctxfit::emulator::Fault;
using ctxfit::emulator::Machine;
using ctxfit::emulator::Stream;
using ctxfit::emulator::TheHeap;
using ctxfit::emulator::TheMachine;

namespace {

// The limits of every device (CUDA C++ Programming Guide, technical specifications per compute capability).
bool IsPossible(const cudaLaunchConfig_t& config) {
  const dim3 grid = config.gridDim;
  const dim3 block = config.blockDim;
  const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
  return grid.x > 0 && grid.x < 1u << 31 && grid.y > 0 && grid.y < 1u << 16 && grid.z > 0 && grid.z < 1u << 16 &&
         threads > 0 && threads <= ctxfit::emulator::kMaxBlockThreads &&
         config.dynamicSmemBytes <= ctxfit::emulator::kSharedLimit;
}

// Gives back what the pools keep beyond their thresholds.
void TrimPools(Machine& machine) {
  for (ctxfit::emulator::Pool* pool : machine.pools) {
    const std::uint64_t kept = std::max(pool->used, std::min(pool->reserved, pool->threshold));
    machine.taken -= pool->reserved - kept;
    pool->reserved = kept;
  }
}

}  // namespace

cudaError_t ctxfit::emulator::EnqueueKernel(const cudaLaunchConfig_t& config, const KernelCall& call) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  cudaError_t error = machine.Begin("cudaLaunchKernelEx");
  if (error == cudaSuccess && !IsPossible(config)) error = Machine::Fail(cudaErrorInvalidConfiguration);
  if (error != cudaSuccess) {
    config.stream->capture_failed = true;
    return error;
  }
  return machine.Enqueue(config.stream, [config, call] {
    if (!RunKernel(config, call)) TheMachine().lost = cudaErrorLaunchTimeout;
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t size, cudaMemcpyKind kind, cudaStream_t stream) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  // A graph would keep the host's address.
  machine.ForbidInCapture("cudaMemcpyAsync");
  if (const cudaError_t error = machine.Begin("cudaMemcpyAsync"); error != cudaSuccess) return error;
  return machine.Enqueue(stream, [=] {
    kind == cudaMemcpyHostToDevice ? TheHeap().CopyIn(to, from, size) : TheHeap().CopyOut(to, from, size);
  });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (const cudaError_t error = machine.Begin("cudaStreamCreateWithFlags"); error != cudaSuccess) return error;
  *stream = std::make_unique<Stream>().release();
  machine.streams.insert(*stream);
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (machine.streams.erase(stream) == 0) return Machine::Fail(cudaErrorInvalidValue);
  const std::unique_ptr<Stream> destroyed(stream);
  return machine.Drain(*stream);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (stream->captured != nullptr) {
    AddReport(Fault::kCapture, "cudaStreamSynchronize of a stream that is captured");
    stream->capture_failed = true;
    return Machine::Fail(cudaErrorStreamCaptureUnsupported);
  }
  // A wait that fails may have waited all the same.
  const cudaError_t error = machine.Begin("cudaStreamSynchronize");
  const cudaError_t drained = machine.Drain(*stream);
  TrimPools(machine);
  return error == cudaSuccess ? drained : error;
}
