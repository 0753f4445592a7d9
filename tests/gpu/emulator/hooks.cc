#include "tests/gpu/emulator/hooks.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "tests/gpu/emulator/algorithm.h"
#include "tests/gpu/emulator/block.h"
#include "tests/gpu/emulator/memory.h"
#include "tests/gpu/emulator/report.h"

// The functions that g++ -fsanitize=thread has a program call before every access to memory. That sanitizer's library
// is not linked: these take its place. Outside of kernels and algorithms they do nothing.

// The constants of the program lie between these.
extern "C" const char __executable_start;
extern "C" const char __data_start;

namespace ctxfit::emulator {

void CheckKernelAccess(const void* address, std::size_t size, Access access, const void* caller) {
  const Unwatched unwatched;
  // Null while an algorithm runs.
  const Block* block = running == nullptr ? nullptr : running->block;
  const Region* region = nullptr;
  if (TheArena().region().Holds(address)) region = &TheArena().region();
  if (TheHeap().region().Holds(address)) region = &TheHeap().region();
  if (region == nullptr) {
    if (block != nullptr && block->HoldsStackAt(address))
      return AddReport(Fault::kForeignStack, "accesses another thread's", caller);
    const bool is_constant = (address >= &__executable_start && address < &__data_start) ||
                             (block != nullptr && block->HoldsArgumentAt(address));
    if (access == Access::kRead && is_constant) return;
    return AddReport(Fault::kHostMemory, absl::StrCat("accesses ", size, " bytes of the host's memory"), caller);
  }
  if ((size == 2 || size == 4 || size == 8 || size == 16) && reinterpret_cast<std::uintptr_t>(address) % size != 0) {
    AddReport(Fault::kAlignment, absl::StrCat("accesses ", size, " bytes at an address that is no multiple of them"),
              caller);
  }
  CheckAccess(*region, address, size, access, block == nullptr ? Accessor{} : running->accessor(), TheClock(), caller);
}

namespace {

inline void Hook(const void* address, std::size_t size, Access access, const void* caller) {
  if (!watched || (running == nullptr ? DeviceAlgorithm::OwnsStackAt(address) : running->OwnsStackAt(address))) return;
  CheckKernelAccess(address, size, access, caller);
}

}  // namespace
}  // namespace ctxfit::emulator

#define CTXFIT_HOOK(name, access, size)                                                                   \
  extern "C" void __tsan_##name##size(void* address) {                                                    \
    ctxfit::emulator::Hook(address, size, ctxfit::emulator::Access::access, __builtin_return_address(0)); \
  }
#define CTXFIT_HOOKS(size)                 \
  CTXFIT_HOOK(read, kRead, size)           \
  CTXFIT_HOOK(write, kWrite, size)         \
  CTXFIT_HOOK(unaligned_read, kRead, size) \
  CTXFIT_HOOK(unaligned_write, kWrite, size)
CTXFIT_HOOKS(1)
CTXFIT_HOOKS(2)
CTXFIT_HOOKS(4)
CTXFIT_HOOKS(8)
CTXFIT_HOOKS(16)

#define CTXFIT_RANGE_HOOK(name, access)                                                                   \
  extern "C" void __tsan_##name##_range(void* address, std::size_t size) {                                \
    ctxfit::emulator::Hook(address, size, ctxfit::emulator::Access::access, __builtin_return_address(0)); \
  }
CTXFIT_RANGE_HOOK(read, kRead)
CTXFIT_RANGE_HOOK(write, kWrite)

// Atomics, which these do as well: those of kernels, and those that the host's part of a .cu file has of the library.
#define CTXFIT_ATOMIC_HOOK(bits, type, operation)                                                             \
  extern "C" type __tsan_atomic##bits##_##operation(volatile type* address, type value, int) {                \
    ctxfit::emulator::Hook(const_cast<const type*>(address), sizeof(type), ctxfit::emulator::Access::kAtomic, \
                           __builtin_return_address(0));                                                      \
    return __atomic_##operation(address, value, __ATOMIC_SEQ_CST);                                            \
  }
#define CTXFIT_ATOMIC_HOOKS(bits, type)                                           \
  CTXFIT_ATOMIC_HOOK(bits, type, fetch_add)                                       \
  CTXFIT_ATOMIC_HOOK(bits, type, fetch_sub)                                       \
  extern "C" type __tsan_atomic##bits##_load(const volatile type* address, int) { \
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);                            \
  }
CTXFIT_ATOMIC_HOOKS(8, unsigned char)
CTXFIT_ATOMIC_HOOKS(32, unsigned)
CTXFIT_ATOMIC_HOOKS(64, unsigned long)

extern "C" void __tsan_init() {}
extern "C" void __tsan_vptr_update(void**, void*) {}
