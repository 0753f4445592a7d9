#ifndef CTXFIT_TESTS_GPU_EMULATOR_CONTROL_H_
#define CTXFIT_TESTS_GPU_EMULATOR_CONTROL_H_

#include <cuda_runtime_api.h>

#include <cstddef>
#include <ostream>
#include <string>

// Calls by which a test controls and inspects the emulated machine, besides those of the runtime.

namespace ctxfit::emulator {

// Objects that the program has made and not destroyed.
struct LiveObjects {
  std::size_t allocations = 0;
  std::size_t pinned = 0;
  std::size_t pools = 0;
  std::size_t streams = 0;
  std::size_t graphs = 0;

  bool operator==(const LiveObjects&) const = default;
};

std::ostream& operator<<(std::ostream& out, const LiveObjects& objects);
LiveObjects CountLiveObjects();

// Lets the number-th call from now on that can fail do so, once or, if `for_good`, with all that follow.
void FailCall(long number, cudaError_t error, bool for_good);

// Makes the device usable again, without failures, and counts calls from 0 on.
void RepairDevice();

// The calls that can fail since RepairDevice(), and the one that did as FailCall() asked.
long CountCalls();
std::string FailedCall();

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_CONTROL_H_
