#include "tests/gpu/emulator/machine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/gpu/emulator/report.h"
#include "tests/gpu/emulator/schedule.h"

namespace ctxfit::emulator {
namespace {

thread_local cudaError_t last_error = cudaSuccess;

}  // namespace

thread_local int open_captures = 0;

cudaError_t Machine::Fail(cudaError_t error) { return last_error = error; }

cudaError_t Machine::TakeLastError() { return std::exchange(last_error, lost); }

cudaError_t Machine::Begin(const char* call) {
  if (lost != cudaSuccess) return Fail(lost);
  if (++call_count != failing_call) return cudaSuccess;
  failed_call = call;
  if (is_sticky) lost = failure;
  return Fail(failure);
}

void Machine::ForbidInCapture(const char* call) {
  if (open_captures > 0) AddReport(Fault::kCapture, absl::StrCat(call, " during a capture"));
}

bool Machine::Reserve(std::uint64_t bytes) {
  if (taken + bytes > kDeviceBytes) return false;
  taken += bytes;
  return true;
}

cudaError_t Machine::Enqueue(Stream* stream, std::function<void()> work) {
  if (streams.count(stream) == 0) {
    AddReport(Fault::kLifetime, "work for a stream that is not there");
    return Fail(cudaErrorInvalidValue);
  }
  if (stream->captured != nullptr) {
    if (stream->capturer != std::this_thread::get_id()) AddReport(Fault::kCapture, "another thread's work is captured");
    stream->captured->work.push_back(std::move(work));
    return cudaSuccess;
  }
  stream->work.push_back(std::move(work));
  // An error of the work is returned by a later call.
  if (TheSchedule().StreamsWorkNow()) Drain(*stream);
  return cudaSuccess;
}

cudaError_t Machine::Drain(Stream& stream) {
  for (const auto& work : std::exchange(stream.work, {})) {
    if (lost != cudaSuccess) return Fail(lost);
    work();
  }
  return lost == cudaSuccess ? cudaSuccess : Fail(lost);
}

LiveObjects Machine::Live() const {
  return {allocations.size() + pool_allocations.size(), pinned.size(), pools.size(), streams.size(), graphs.size()};
}

Machine& TheMachine() {
  static Machine machine;
  return machine;
}

}  // namespace ctxfit::emulator
