#ifndef CTXFIT_TESTS_GPU_EMULATOR_BLOCK_H_
#define CTXFIT_TESTS_GPU_EMULATOR_BLOCK_H_

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "tests/gpu/emulator/fiber.h"
#include "tests/gpu/emulator/language.h"
#include "tests/gpu/emulator/schedule.h"
#include "tests/gpu/emulator/shadow.h"

// Runs a kernel: its blocks one after the other, the threads of a block as fibers.

namespace ctxfit::emulator {

struct PendingCopy {
  void* to;
  const void* from;
  std::size_t size;
  int batch;
};

class Block;

// A thread of the block that runs.
struct Thread {
  enum class State { kReady, kAtBlockBarrier, kAtWarpBarrier, kAtShuffle, kEnded };

  Block* block;
  std::uint16_t number;
  uint3 index;
  State state;
  std::uint32_t warp_barriers;  // number of those passed
  Place waits_at;               // the barrier
  const void* shown;            // value for the other lanes, in a shuffle
  int open_batch;               // number of the batch that asynchronous copies join
  std::vector<PendingCopy> copies;
  char* stack;
  Fiber fiber;

  Accessor accessor() const { return {number, warp_barriers}; }
  bool OwnsStackAt(const void* address) const { return address >= stack && address < stack + kStackBytes; }
};

// The thread of a kernel that this thread of the host runs at the moment, if any.
extern constinit thread_local Thread* running;

// True while the code of a kernel or an algorithm runs, whose accesses are checked. The emulator's is not: it shares
// functions of the library with kernels, whose copies of them have hooks.
extern constinit thread_local bool watched;

class Unwatched {
 public:
  Unwatched() : before_(std::exchange(watched, false)) {}
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
  ~Unwatched() { watched = before_; }

 private:
  const bool before_;
};

// The threads of a block, which are used for one block after the other.
class Block {
 public:
  Block();

  // Runs one block of a launch to its end. Returns false where its threads wait for each other for ever.
  bool Run(const cudaLaunchConfig_t& config, const KernelCall& call, uint3 index, Schedule& schedule, Clock& clock);

  // Suspends the running thread, and runs the others until all threads that `state` waits for have arrived.
  void Wait(Thread::State state, Place place);

  bool HoldsStackAt(const void* address) const;
  bool HoldsArgumentAt(const void* address) const;
  Thread& Lane(const Thread& thread, unsigned lane);

  const cudaLaunchConfig_t& config() const { return *config_; }
  const KernelCall& call() const { return *call_; }
  uint3 index() const { return index_; }

 private:
  void Prepare(Thread& thread, std::uint16_t number);
  bool RunReady(const std::vector<std::uint32_t>& order, std::uint32_t warps);
  bool PassBlockBarrier(Clock& clock);
  bool PassWarpBarriers();
  void Abandon();

  const std::unique_ptr<char[]> stacks_;
  std::vector<Thread> threads_;
  const cudaLaunchConfig_t* config_ = nullptr;
  const KernelCall* call_ = nullptr;
  uint3 index_ = {};
  unsigned count_ = 0;  // number of threads
};

// Runs all blocks of a launch. Returns false after a deadlock.
bool RunKernel(const cudaLaunchConfig_t& config, const KernelCall& call);

// The time by the barriers of the device.
Clock& TheClock();

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_BLOCK_H_
