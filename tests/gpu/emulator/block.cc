#include "tests/gpu/emulator/block.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/gpu/emulator/limits.h"
#include "tests/gpu/emulator/memory.h"
#include "tests/gpu/emulator/report.h"

namespace ctxfit::emulator {

constinit thread_local Thread* running = nullptr;
constinit thread_local bool watched = false;

namespace {

std::string InWords(const Thread& thread) {
  const std::string path = thread.waits_at.file;
  return absl::StrCat("thread ", thread.number, " waits at ", path.substr(path.rfind('/') + 1), ":",
                      thread.waits_at.line);
}

}  // namespace

Block::Block()
    : stacks_(std::make_unique_for_overwrite<char[]>(kStackBytes * kMaxBlockThreads)), threads_(kMaxBlockThreads) {}

void Block::Prepare(Thread& thread, std::uint16_t number) {
  const dim3 size = config_->blockDim;
  thread.block = this;
  thread.number = number;
  thread.index = {number % size.x, number / size.x % size.y, number / (size.x * size.y)};
  thread.state = Thread::State::kReady;
  thread.warp_barriers = 0;
  thread.open_batch = 0;
  thread.copies.clear();
  thread.stack = stacks_.get() + kStackBytes * number;
  thread.fiber.Start(thread.stack, [call = call_] { call->run(call->arguments.get()); });
}

// Resumes every thread that can go on, of the warps that may, until it waits or ends. Returns true if any did.
bool Block::RunReady(const std::vector<std::uint32_t>& order, std::uint32_t warps) {
  bool ran = false;
  for (const std::uint32_t number : order) {
    Thread& thread = threads_[number];
    if (thread.state != Thread::State::kReady || !(warps >> number / kWarpLanes & 1)) continue;
    running = &thread;
    watched = true;
    const bool ended = thread.fiber.Resume();
    watched = false;
    if (ended) {
      thread.state = Thread::State::kEnded;
      if (!thread.copies.empty()) AddReport(Fault::kCopy, "ends before its asynchronous copies");
    }
    running = nullptr;
    ran = true;
  }
  return ran;
}

// Lets all threads go on if all that have not ended wait at a barrier of the block.
bool Block::PassBlockBarrier(Clock& clock) {
  const Thread* first = nullptr;
  const Thread* other = nullptr;  // at another barrier than the first
  for (unsigned i = 0; i < count_; ++i) {
    const Thread& thread = threads_[i];
    if (thread.state == Thread::State::kEnded) continue;
    if (thread.state != Thread::State::kAtBlockBarrier) return false;
    if (first == nullptr) first = &thread;
    if (thread.waits_at != first->waits_at) other = &thread;
  }
  if (first == nullptr) return false;
  if (other != nullptr) AddReport(Fault::kBarrier, absl::StrCat(InWords(*first), " and ", InWords(*other)));
  clock.PassBarrier();
  for (unsigned i = 0; i < count_; ++i) {
    if (threads_[i].state == Thread::State::kAtBlockBarrier) threads_[i].state = Thread::State::kReady;
  }
  return true;
}

// Lets every warp go on whose lanes that have not ended all wait for each other.
bool Block::PassWarpBarriers() {
  bool passed = false;
  for (unsigned begin = 0; begin < count_; begin += kWarpLanes) {
    const auto first = threads_.begin() + begin;
    const auto last = threads_.begin() + std::min(begin + kWarpLanes, count_);
    for (const Thread::State state : {Thread::State::kAtWarpBarrier, Thread::State::kAtShuffle}) {
      const auto waits = [&](const Thread& thread) { return thread.state == state; };
      const auto is_there = [&](const Thread& thread) {
        return waits(thread) || thread.state == Thread::State::kEnded;
      };
      if (!std::any_of(first, last, waits) || !std::all_of(first, last, is_there)) continue;
      for (auto thread = first; thread != last; ++thread) {
        if (!waits(*thread)) continue;
        if (state == Thread::State::kAtWarpBarrier) ++thread->warp_barriers;
        thread->state = Thread::State::kReady;
      }
      passed = true;
    }
  }
  return passed;
}

bool Block::Run(const cudaLaunchConfig_t& config, const KernelCall& call, uint3 index, Schedule& schedule,
                Clock& clock) {
  config_ = &config;
  call_ = &call;
  index_ = index;
  count_ = config.blockDim.x * config.blockDim.y * config.blockDim.z;
  for (unsigned i = 0; i < count_; ++i) Prepare(threads_[i], static_cast<std::uint16_t>(i));
  const auto ended = [](const Thread& thread) { return thread.state == Thread::State::kEnded; };
  const auto end = threads_.begin() + count_;
  while (true) {
    const std::uint32_t warps = schedule.ChooseWarps();
    const bool ran = RunReady(schedule.Arrange(count_), warps);
    if (std::all_of(threads_.begin(), end, ended)) return true;
    const bool passed = PassBlockBarrier(clock) || PassWarpBarriers();
    const bool held =
        std::any_of(threads_.begin(), end, [](const Thread& thread) { return thread.state == Thread::State::kReady; });
    if (ran || passed || held) continue;
    Abandon();
    return false;
  }
}

void Block::Abandon() {
  const auto waits = std::find_if(threads_.begin(), threads_.begin() + count_,
                                  [](const Thread& thread) { return thread.state != Thread::State::kEnded; });
  AddReport(Fault::kDeadlock, absl::StrCat(InWords(*waits), " for threads that wait for others"));
  for (unsigned i = 0; i < count_; ++i) threads_[i].fiber.Abandon();
}

void Block::Wait(Thread::State state, Place place) {
  Thread& thread = *running;
  thread.state = state;
  thread.waits_at = place;
  thread.fiber.Pause();
}

bool Block::HoldsStackAt(const void* address) const {
  return address >= stacks_.get() && address < stacks_.get() + kStackBytes * kMaxBlockThreads;
}

bool Block::HoldsArgumentAt(const void* address) const {
  const auto* begin = static_cast<const char*>(call_->arguments.get());
  return address >= begin && address < begin + call_->argument_bytes;
}

Thread& Block::Lane(const Thread& thread, unsigned lane) {
  return threads_[thread.number / kWarpLanes * kWarpLanes + lane];
}

Clock& TheClock() {
  static Clock clock;
  return clock;
}

bool RunKernel(const cudaLaunchConfig_t& config, const KernelCall& call) {
  static Block block;
  Schedule& schedule = TheSchedule();
  const dim3 grid = config.gridDim;
  TheClock().BeginLaunch();
  TheArena().BeginLaunch(config.dynamicSmemBytes);
  for (const std::uint32_t number : schedule.Arrange(grid.x * grid.y * grid.z)) {
    TheClock().BeginBlock();
    TheArena().BeginBlock();
    const uint3 index = {number % grid.x, number / grid.x % grid.y, number / (grid.x * grid.y)};
    if (!block.Run(config, call, index, schedule, TheClock())) return false;
  }
  return true;
}

}  // namespace ctxfit::emulator
