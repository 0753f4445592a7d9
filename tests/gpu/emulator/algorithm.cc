#include "tests/gpu/emulator/algorithm.h"

#include <pthread.h>
#include <thrust/system_error.h>

#include <cstddef>

#include "tests/gpu/emulator/block.h"
#include "tests/gpu/emulator/machine.h"

namespace ctxfit::emulator {
namespace {

struct Stack {
  void* begin = nullptr;
  std::size_t size = 0;
};

thread_local Stack stack;

void FindStack() {
  if (stack.begin != nullptr) return;
  pthread_attr_t attributes;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &stack.begin, &stack.size);
  pthread_attr_destroy(&attributes);
}

}  // namespace

DeviceAlgorithm::DeviceAlgorithm(cudaStream_t stream) : lock_(TheMachine().mutex) {
  cudaError_t error = TheMachine().Begin("Thrust");
  if (error == cudaSuccess) error = TheMachine().Drain(*stream);
  if (error != cudaSuccess) throw thrust::system_error(error, thrust::system_category());
  FindStack();
  TheClock().BeginLaunch();
  watched = true;
}

DeviceAlgorithm::~DeviceAlgorithm() { watched = false; }

bool DeviceAlgorithm::OwnsStackAt(const void* address) {
  return address >= stack.begin && address < static_cast<const char*>(stack.begin) + stack.size;
}

}  // namespace ctxfit::emulator
