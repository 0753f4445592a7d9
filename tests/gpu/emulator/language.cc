#include "tests/gpu/emulator/language.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/gpu/emulator/block.h"
#include "tests/gpu/emulator/hooks.h"
#include "tests/gpu/emulator/limits.h"
#include "tests/gpu/emulator/memory.h"
#include "tests/gpu/emulator/report.h"
#include "tests/gpu/emulator/schedule.h"

namespace ctxfit::emulator {

uint3 ThreadIndex() { return running->index; }
uint3 BlockIndex() { return running->block->index(); }
dim3 BlockSize() { return running->block->config().blockDim; }
dim3 GridSize() { return running->block->config().gridDim; }

void BlockBarrier(Place place) { running->block->Wait(Thread::State::kAtBlockBarrier, place); }
void WarpBarrier(Place place) { running->block->Wait(Thread::State::kAtWarpBarrier, place); }

void GatherWarp(const void* value, std::size_t size, void* lanes) {
  Thread& thread = *running;
  thread.shown = value;
  thread.block->Wait(Thread::State::kAtShuffle, {__FILE__, __LINE__});
  if (lanes != nullptr) {
    for (unsigned lane = 0; lane < kWarpLanes; ++lane) {
      std::memcpy(static_cast<char*>(lanes) + lane * size, thread.block->Lane(thread, lane).shown, size);
    }
  }
  // No value may go before all have been read.
  thread.block->Wait(Thread::State::kAtShuffle, {__FILE__, __LINE__});
}

void* SharedVariable(const char* file, int line, std::size_t size, std::size_t alignment) {
  const Unwatched unwatched;
  return TheArena().Variable(file, line, size, alignment);
}

void* DynamicSharedMemory(std::size_t alignment) {
  const Unwatched unwatched;
  return TheArena().Dynamic(alignment);
}

void BeginCopy(void* to, const void* from, std::size_t size) {
  const void* caller = __builtin_return_address(0);
  const Unwatched unwatched;
  const auto is_odd = [size](const void* at) { return reinterpret_cast<std::uintptr_t>(at) % size != 0; };
  if ((size != 4 && size != 8 && size != 16) || is_odd(to) || is_odd(from)) {
    AddReport(Fault::kCopy, absl::StrCat("copies ", size, " bytes, or copies them from or to an odd address"), caller);
  }
  if (!TheArena().region().Holds(to) || !TheHeap().region().Holds(from)) {
    return AddReport(Fault::kCopy, "copies other than from the device's memory to shared memory", caller);
  }
  CheckKernelAccess(to, size, Access::kBeginCopy, caller);
  running->copies.push_back({to, from, size, running->open_batch});
}

void CommitCopies() { ++running->open_batch; }

void WaitForCopies(int prior) {
  const void* caller = __builtin_return_address(0);
  const Unwatched unwatched;
  std::vector<PendingCopy>& copies = running->copies;
  const auto awaited = std::find_if(copies.begin(), copies.end(),
                                    [&](const PendingCopy& copy) { return copy.batch >= running->open_batch - prior; });
  for (auto copy = copies.begin(); copy != awaited; ++copy) {
    CheckKernelAccess(copy->from, copy->size, Access::kRead, caller);
    CheckKernelAccess(copy->to, copy->size, Access::kEndCopy, caller);
    std::memcpy(copy->to, copy->from, copy->size);
  }
  copies.erase(copies.begin(), awaited);
}

float ApproximateExp2(float x) {
  constexpr float kSmallestNormal = 0x1p-126f;
  // The part of the bound of 2^-22 that rounding leaves.
  constexpr double kLargestError = 0.7 * 0x1p-22;
  if (std::fabs(x) < kSmallestNormal) x = 0;
  double value = std::exp2(static_cast<double>(x));
  if (x != 0 && std::fabs(x) < 128) value *= 1 + kLargestError * TheSchedule().ErrorOfExp2(x);
  const auto result = static_cast<float>(value);
  return result < kSmallestNormal ? 0 : result;
}

}  // namespace ctxfit::emulator
