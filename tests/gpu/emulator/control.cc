#include "tests/gpu/emulator/control.h"

#include <mutex>

#include "tests/gpu/emulator/machine.h"

namespace ctxfit::emulator {

std::ostream& operator<<(std::ostream& out, const LiveObjects& objects) {
  return out << objects.allocations << " allocations, " << objects.pinned << " of page-locked memory, " << objects.pools
             << " pools, " << objects.streams << " streams, " << objects.graphs << " graphs";
}

LiveObjects CountLiveObjects() {
  const std::lock_guard lock(TheMachine().mutex);
  return TheMachine().Live();
}

void FailCall(long number, cudaError_t error, bool for_good) {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  machine.failing_call = machine.call_count + number;
  machine.failure = error;
  machine.is_sticky = for_good;
}

void RepairDevice() {
  Machine& machine = TheMachine();
  const std::lock_guard lock(machine.mutex);
  machine.lost = cudaSuccess;
  machine.TakeLastError();
  machine.call_count = 0;
  machine.failing_call = 0;
  machine.failed_call.clear();
}

long CountCalls() {
  const std::lock_guard lock(TheMachine().mutex);
  return TheMachine().call_count;
}

std::string FailedCall() {
  const std::lock_guard lock(TheMachine().mutex);
  return TheMachine().failed_call;
}

}  // namespace ctxfit::emulator
