#ifndef CTXFIT_TESTS_GPU_EMULATOR_LANGUAGE_H_
#define CTXFIT_TESTS_GPU_EMULATOR_LANGUAGE_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>

// The functions behind the emulator's CUDA headers: those that a thread of a kernel calls, and the launch. They are
// compiled without hooks, so that their accesses are not checked as the kernel's.

namespace ctxfit::emulator {

// The built-in variables, which are constant over a thread's life.
[[gnu::const]] uint3 ThreadIndex();
[[gnu::const]] uint3 BlockIndex();
[[gnu::const]] dim3 BlockSize();
[[gnu::const]] dim3 GridSize();

// The place of a barrier in the source. Its address would not identify it: compilers copy code.
struct Place {
  const char* file;
  int line;

  bool operator==(const Place&) const = default;
};

void BlockBarrier(Place place);
void WarpBarrier(Place place);

// Collects the values of all lanes of a warp, each `size` bytes, in `lanes` of those callers that have any. Like a
// shuffle, it makes lanes wait for each other, and orders no other accesses to memory.
void GatherWarp(const void* value, std::size_t size, void* lanes);

// Returns the block's variable that is declared there, and the shared memory that the launch asked for.
void* SharedVariable(const char* file, int line, std::size_t size, std::size_t alignment);
void* DynamicSharedMemory(std::size_t alignment);

// Asynchronous copies to shared memory. They happen as late as they may: in the wait.
void BeginCopy(void* to, const void* from, std::size_t size);
void CommitCopies();
void WaitForCopies(int prior);

// 2^x with results below the normal numbers flushed to 0. Off by up to 2^-22, as far as the instruction may be, unless
// the schedule is forward.
float ApproximateExp2(float x);

// Makes bytes NaN, as float and as double.
void FillWithGarbage(void* data, std::size_t size);

// The kernel and the arguments of a launch: `run(arguments)` is one of its threads.
struct KernelCall {
  const void* kernel;  // the function, which reports name
  void (*run)(const void* arguments);
  std::shared_ptr<const void> arguments;
  std::size_t argument_bytes;
};

cudaError_t EnqueueKernel(const cudaLaunchConfig_t& config, const KernelCall& call);

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_LANGUAGE_H_
