#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>

#include "tests/gpu/emulator/block.h"
#include "tests/gpu/emulator/machine.h"
#include "tests/gpu/emulator/memory.h"
#include "tests/gpu/emulator/report.h"

// Memory by the order of streams. Algorithms allocate and free while their accesses are checked.

using ctxfit::emulator::AddReport;
using ctxfit::emulator::Fault;
using ctxfit::emulator::Machine;
using ctxfit::emulator::Pool;
using ctxfit::emulator::RoundUp;
using ctxfit::emulator::TheHeap;
using ctxfit::emulator::TheMachine;
using ctxfit::emulator::Unwatched;

namespace {

// The units in which a pool grows, and in which it allocates.
constexpr std::uint64_t kGrowth = std::uint64_t{32} << 20;
constexpr std::uint64_t kGranularity = 512;

}  // namespace

cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps* properties) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (const cudaError_t error = machine.Begin("cudaMemPoolCreate"); error != cudaSuccess) return error;
  if (properties->allocType != cudaMemAllocationTypePinned || properties->location.id != 0 ||
      properties->location.type != cudaMemLocationTypeDevice) {
    return Machine::Fail(cudaErrorInvalidValue);
  }
  *pool = std::make_unique<Pool>().release();
  machine.pools.insert(*pool);
  return cudaSuccess;
}

cudaError_t cudaMemPoolDestroy(cudaMemPool_t pool) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (machine.pools.erase(pool) == 0) return Machine::Fail(cudaErrorInvalidValue);
  const std::unique_ptr<Pool> destroyed(pool);
  if (pool->used != 0) AddReport(Fault::kLifetime, "a pool is destroyed with memory of it in use");
  std::erase_if(machine.pool_allocations, [pool](const auto& allocation) { return allocation.second.pool == pool; });
  machine.taken -= pool->reserved;
  return cudaSuccess;
}

cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (const cudaError_t error = machine.Begin("cudaMemPoolSetAttribute"); error != cudaSuccess) return error;
  if (attribute != cudaMemPoolAttrReleaseThreshold) return Machine::Fail(cudaErrorInvalidValue);
  pool->threshold = *static_cast<const std::uint64_t*>(value);
  return cudaSuccess;
}

cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t pool, cudaMemPoolAttr attribute, void* value) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  if (const cudaError_t error = machine.Begin("cudaMemPoolGetAttribute"); error != cudaSuccess) return error;
  std::uint64_t& bytes = *static_cast<std::uint64_t*>(value);
  switch (attribute) {
    case cudaMemPoolAttrReservedMemCurrent:
      bytes = pool->reserved;
      return cudaSuccess;
    case cudaMemPoolAttrUsedMemCurrent:
      bytes = pool->used;
      return cudaSuccess;
    case cudaMemPoolAttrUsedMemHigh:
      bytes = pool->most_used;
      return cudaSuccess;
    default:
      return Machine::Fail(cudaErrorInvalidValue);
  }
}

cudaError_t cudaMallocFromPoolAsync(void** data, std::size_t size, cudaMemPool_t pool, cudaStream_t) {
  const Unwatched unwatched;
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  // It would become a node of the graph, which the backend does not mean.
  machine.ForbidInCapture("cudaMallocFromPoolAsync");
  if (const cudaError_t error = machine.Begin("cudaMallocFromPoolAsync"); error != cudaSuccess) return error;
  if (machine.pools.count(pool) == 0 || size == 0) return Machine::Fail(cudaErrorInvalidValue);
  const std::uint64_t rounded = RoundUp(size, kGranularity);
  if (pool->used + rounded > pool->reserved) {
    const std::uint64_t growth = RoundUp(pool->used + rounded - pool->reserved, kGrowth);
    if (!machine.Reserve(growth)) return Machine::Fail(cudaErrorMemoryAllocation);
    pool->reserved += growth;
  }
  pool->used += rounded;
  pool->most_used = std::max(pool->most_used, pool->used);
  *data = TheHeap().Allocate(size);
  machine.pool_allocations[*data] = {pool, rounded};
  return cudaSuccess;
}

// The memory is usable to the end of the work that the stream has; the pool counts it as free at once.
cudaError_t cudaFreeAsync(void* data, cudaStream_t stream) {
  const Unwatched unwatched;
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  machine.ForbidInCapture("cudaFreeAsync");
  const auto found = machine.pool_allocations.find(data);
  if (found == machine.pool_allocations.end()) return Machine::Fail(cudaErrorInvalidValue);
  found->second.pool->used -= found->second.size;
  machine.pool_allocations.erase(found);
  if (machine.lost != cudaSuccess) {
    TheHeap().Free(data);
    return Machine::Fail(machine.lost);
  }
  return machine.Enqueue(stream, [data] { TheHeap().Free(data); });
}
