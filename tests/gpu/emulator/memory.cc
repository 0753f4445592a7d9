#include "tests/gpu/emulator/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/gpu/emulator/language.h"
#include "tests/gpu/emulator/limits.h"
#include "tests/gpu/emulator/report.h"

namespace ctxfit::emulator {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kLargestAllocationWithBytes = std::size_t{1} << 30;

// The offset of the dynamic part, clear of all variables.
constexpr std::size_t kDynamicOffset = std::size_t{1} << 19;

// The gap between two variables.
constexpr std::size_t kGapBytes = 64;

void* Map(std::size_t bytes) {
  void* range = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range != MAP_FAILED) return range;
  std::fprintf(stderr, "The emulator needs a range of %zu addresses, which this process may not have\n", bytes);
  std::abort();
}

}  // namespace

Region::Region(std::size_t bytes)
    : begin_(static_cast<char*>(Map(bytes))),
      bytes_(bytes),
      shadow_(static_cast<Shadow*>(Map(bytes / kShadowedBytes * sizeof(Shadow)))) {}

void Region::Open(std::size_t offset, std::size_t size) {
  FillWithGarbage(At(offset), size);
  for (std::size_t at = offset; at < offset + size; at += kShadowedBytes) {
    *ShadowAt(at) = {};
    ShadowAt(at)->open = true;
  }
}

void Region::Close(std::size_t offset, std::size_t size) {
  const std::size_t pages = RoundUp(size, kPageBytes);
  madvise(At(offset), pages, MADV_DONTNEED);
  madvise(ShadowAt(offset), pages / kShadowedBytes * sizeof(Shadow), MADV_DONTNEED);
}

void* DeviceHeap::Allocate(std::size_t size) {
  const std::size_t offset = used_;
  used_ += RoundUp(size + 1, kPageBytes);
  if (used_ > region_.bytes()) {
    std::fprintf(stderr, "The emulator has used up its addresses: run fewer tests at a time\n");
    std::abort();
  }
  allocations_[offset] = size;
  if (size <= kLargestAllocationWithBytes) region_.Open(offset, size);
  return region_.At(offset);
}

void DeviceHeap::Free(void* data) {
  const std::size_t offset = region_.OffsetOf(data);
  const auto found = allocations_.find(offset);
  if (found == allocations_.end()) return AddReport(Fault::kLifetime, "memory is freed that is not allocated");
  if (found->second <= kLargestAllocationWithBytes) region_.Close(offset, found->second);
  allocations_.erase(found);
}

std::size_t DeviceHeap::AllocatedFrom(const void* address) const {
  if (!region_.Holds(address)) return 0;
  const std::size_t offset = region_.OffsetOf(address);
  auto next = allocations_.upper_bound(offset);
  if (next == allocations_.begin()) return 0;
  --next;
  const std::size_t end = next->first + next->second;
  return offset < end ? end - offset : 0;
}

void DeviceHeap::CopyIn(void* to, const void* from, std::size_t size) {
  if (AllocatedFrom(to) < size) {
    return AddReport(Fault::kBounds,
                     absl::StrCat("the host copies ", size, " bytes to where ", AllocatedFrom(to), " are"));
  }
  MarkWritten(region_, region_.OffsetOf(to), size);
  std::memcpy(to, from, size);
}

void DeviceHeap::CopyOut(void* to, const void* from, std::size_t size) {
  if (AllocatedFrom(from) < size) {
    return AddReport(Fault::kBounds,
                     absl::StrCat("the host copies ", size, " bytes from where ", AllocatedFrom(from), " are"));
  }
  if (!IsWritten(region_, region_.OffsetOf(from), size)) {
    AddReport(Fault::kUninitialised, absl::StrCat("the host copies ", size, " bytes, not all of which were written"));
  }
  std::memcpy(to, from, size);
}

void SharedArena::BeginLaunch(std::size_t dynamic_bytes) {
  region_.Close(0, used_);
  region_.Close(kDynamicOffset, dynamic_bytes_);
  dynamic_bytes_ = dynamic_bytes;
}

// The variables of the last block stay open until they are found again: a thread has no address but by Variable().
void SharedArena::BeginBlock() {
  variables_.clear();
  used_ = 0;
  variable_bytes_ = 0;
  region_.Open(kDynamicOffset, dynamic_bytes_);
}

void* SharedArena::Variable(const char* file, int line, std::size_t size, std::size_t alignment) {
  const auto [found, is_new] = variables_.try_emplace({file, line}, RoundUp(used_ + kGapBytes, alignment));
  if (!is_new) return region_.At(found->second);
  used_ = found->second + size;
  variable_bytes_ = RoundUp(variable_bytes_, alignment) + size;
  if (variable_bytes_ + dynamic_bytes_ > kSharedLimit) {
    AddReport(Fault::kSharedSize, absl::StrCat(variable_bytes_, " bytes of variables and ", dynamic_bytes_,
                                               " of dynamic shared memory: must be ", kSharedLimit, " at most"));
  }
  region_.Open(found->second, size);
  return region_.At(found->second);
}

void* SharedArena::Dynamic(std::size_t alignment) const {
  if (alignment > 16) AddReport(Fault::kAlignment, "dynamic shared memory is aligned to 16 bytes, not to more");
  return region_.At(kDynamicOffset);
}

DeviceHeap& TheHeap() {
  static DeviceHeap heap;
  return heap;
}

SharedArena& TheArena() {
  static SharedArena arena;
  return arena;
}

void FillWithGarbage(void* data, std::size_t size) {
  constexpr std::uint32_t kNan = 0xfff7fff7;
  auto* bytes = static_cast<unsigned char*>(data);
  for (std::size_t i = 0; i < size; i += sizeof(kNan)) std::memcpy(bytes + i, &kNan, std::min(sizeof(kNan), size - i));
}

}  // namespace ctxfit::emulator
