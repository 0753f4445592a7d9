#ifndef CTXFIT_TESTS_GPU_EMULATOR_MACHINE_H_
#define CTXFIT_TESTS_GPU_EMULATOR_MACHINE_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/gpu/emulator/control.h"

// The state behind the runtime: one device, what is allocated on it, and the calls that are to fail. The calls lie in
// device.cc, pools.cc, streams.cc and graphs.cc; each locks the machine while it works.

namespace ctxfit::emulator {

using Work = std::vector<std::function<void()>>;

struct TaskGraph {
  Work work;
};

// Work is kept until something waits for it, so that what nobody waits for is not done; see Schedule.
struct Stream {
  Work work;
  std::unique_ptr<TaskGraph> captured;  // while a capture goes on
  std::thread::id capturer;
  bool capture_failed = false;
};

struct Pool {
  std::uint64_t used = 0;
  std::uint64_t most_used = 0;
  std::uint64_t reserved = 0;   // bytes taken from the device, in use or not
  std::uint64_t threshold = 0;  // bytes that it keeps at a wait
};

struct PoolMemory {
  Pool* pool;
  std::uint64_t size;
};

class Machine {
 public:
  std::recursive_mutex mutex;

  // Returns `error`, which cudaGetLastError() of this thread then returns too.
  static cudaError_t Fail(cudaError_t error);
  cudaError_t TakeLastError();

  // Counts a call that can fail, and returns the error with which it does: because it was asked to, or because an
  // earlier one has left the device unusable.
  cudaError_t Begin(const char* call);

  // Reports a call that must not come while this thread captures.
  void ForbidInCapture(const char* call);

  // Takes memory of the device. False where there is none left.
  bool Reserve(std::uint64_t bytes);

  // Adds work to a stream, or to what is captured of it.
  cudaError_t Enqueue(Stream* stream, std::function<void()> work);

  // Does what waits in a stream.
  cudaError_t Drain(Stream& stream);

  LiveObjects Live() const;

  std::uint64_t taken = std::uint64_t{600} << 20;  // bytes of the device, a context's at first
  std::map<void*, std::uint64_t> allocations;      // by cudaMalloc
  std::map<void*, PoolMemory> pool_allocations;
  std::set<void*> pinned;
  std::set<Pool*> pools;
  std::set<Stream*> streams;
  std::set<TaskGraph*> graphs;

  // The failures that are asked for.
  long call_count = 0;
  long failing_call = 0;  // its number; 0: none
  cudaError_t failure = cudaSuccess;
  bool is_sticky = false;
  std::string failed_call;
  cudaError_t lost = cudaSuccess;  // the error that every call returns from now on
};

inline constexpr std::uint64_t kDeviceBytes = std::uint64_t{139} << 30;

// Captures that this thread is in the middle of.
extern thread_local int open_captures;

Machine& TheMachine();

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_MACHINE_H_
