#include <cuda_runtime_api.h>

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "tests/gpu/emulator/language.h"
#include "tests/gpu/emulator/machine.h"
#include "tests/gpu/emulator/memory.h"

// Errors, the device, and memory that no pool has.

using ctxfit::emulator::Machine;
using ctxfit::emulator::TheHeap;
using ctxfit::emulator::TheMachine;

const char* cudaGetErrorName(cudaError_t error) {
#define CTXFIT_ERROR(name) \
  case name:               \
    return #name;
  switch (error) {
    CTXFIT_ERROR(cudaSuccess)
    CTXFIT_ERROR(cudaErrorInvalidValue)
    CTXFIT_ERROR(cudaErrorMemoryAllocation)
    CTXFIT_ERROR(cudaErrorInvalidConfiguration)
    CTXFIT_ERROR(cudaErrorInsufficientDriver)
    CTXFIT_ERROR(cudaErrorDevicesUnavailable)
    CTXFIT_ERROR(cudaErrorNoDevice)
    CTXFIT_ERROR(cudaErrorInvalidDevice)
    CTXFIT_ERROR(cudaErrorNoKernelImageForDevice)
    CTXFIT_ERROR(cudaErrorIllegalAddress)
    CTXFIT_ERROR(cudaErrorLaunchTimeout)
    CTXFIT_ERROR(cudaErrorLaunchFailure)
    CTXFIT_ERROR(cudaErrorSystemDriverMismatch)
    CTXFIT_ERROR(cudaErrorCompatNotSupportedOnDevice)
    CTXFIT_ERROR(cudaErrorStreamCaptureUnsupported)
    CTXFIT_ERROR(cudaErrorStreamCaptureInvalidated)
  }
#undef CTXFIT_ERROR
  return "unrecognized error code";
}

const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorIllegalAddress ? "an illegal memory access was encountered" : cudaGetErrorName(error);
}

cudaError_t cudaGetLastError() {
  const std::lock_guard lock(TheMachine().mutex);
  return TheMachine().TakeLastError();
}

cudaError_t cudaGetDeviceCount(int* count) {
  const std::lock_guard lock(TheMachine().mutex);
  if (const cudaError_t error = TheMachine().Begin("cudaGetDeviceCount"); error != cudaSuccess) return error;
  *count = 1;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  const std::lock_guard lock(TheMachine().mutex);
  if (const cudaError_t error = TheMachine().Begin("cudaSetDevice"); error != cudaSuccess) return error;
  return device == 0 ? cudaSuccess : Machine::Fail(cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  const std::lock_guard lock(TheMachine().mutex);
  if (const cudaError_t error = TheMachine().Begin("cudaGetDeviceProperties"); error != cudaSuccess) return error;
  if (device != 0) return Machine::Fail(cudaErrorInvalidDevice);
  *properties = {};
  std::strncpy(properties->name, "emulated device", sizeof(properties->name) - 1);
  properties->memoryPoolsSupported = 1;
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  const std::lock_guard lock(TheMachine().mutex);
  if (const cudaError_t error = TheMachine().Begin("cudaMemGetInfo"); error != cudaSuccess) return error;
  *free = ctxfit::emulator::kDeviceBytes - TheMachine().taken;
  *total = ctxfit::emulator::kDeviceBytes;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** data, std::size_t size) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  machine.ForbidInCapture("cudaMalloc");
  if (const cudaError_t error = machine.Begin("cudaMalloc"); error != cudaSuccess) return error;
  if (!machine.Reserve(size)) return Machine::Fail(cudaErrorMemoryAllocation);
  *data = TheHeap().Allocate(size);
  machine.allocations[*data] = size;
  return cudaSuccess;
}

cudaError_t cudaFree(void* data) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  machine.ForbidInCapture("cudaFree");
  const auto found = machine.allocations.find(data);
  if (found == machine.allocations.end()) return Machine::Fail(cudaErrorInvalidValue);
  machine.taken -= found->second;
  machine.allocations.erase(found);
  TheHeap().Free(data);
  return cudaSuccess;
}

cudaError_t cudaMallocHost(void** data, std::size_t size) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  machine.ForbidInCapture("cudaMallocHost");
  if (const cudaError_t error = machine.Begin("cudaMallocHost"); error != cudaSuccess) return error;
  *data = std::malloc(size);
  ctxfit::emulator::FillWithGarbage(*data, size);
  machine.pinned.insert(*data);
  return cudaSuccess;
}

cudaError_t cudaFreeHost(void* data) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  machine.ForbidInCapture("cudaFreeHost");
  if (machine.pinned.erase(data) == 0) return Machine::Fail(cudaErrorInvalidValue);
  std::free(data);
  return cudaSuccess;
}
