#include "tests/gpu/emulator/shadow.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/gpu/emulator/limits.h"
#include "tests/gpu/emulator/memory.h"
#include "tests/gpu/emulator/report.h"

namespace ctxfit::emulator {
namespace {

// One access as the checks of each of its words see it.
struct Checked {
  Access access;
  Accessor accessor;
  const Clock& clock;
  std::uint8_t bytes;  // a bit for each byte of the word

  bool reads() const { return access == Access::kRead || access == Access::kAtomic; }
  bool writes() const { return access != Access::kRead; }
  std::uint8_t warp() const { return static_cast<std::uint8_t>(accessor.thread / kWarpLanes); }
  std::uint32_t lane() const { return std::uint32_t{1} << accessor.thread % kWarpLanes; }
};

bool IsOrderedWithWrite(const Shadow& word, const Checked& checked) {
  const Clock& clock = checked.clock;
  if (word.write_time < clock.launch) return true;
  if (word.atomic && checked.access == Access::kAtomic) return true;
  if (word.write_time < clock.block) return false;
  return word.write_time < clock.now || word.writer == checked.accessor.thread ||
         (word.writer / kWarpLanes == checked.warp() && word.write_warp_barriers < checked.accessor.warp_barriers);
}

bool IsOrderedWithReads(const Shadow& word, const Checked& checked) {
  const Clock& clock = checked.clock;
  if (word.read_time < clock.launch) return true;
  if (word.read_time < clock.block || word.read_by_blocks) return false;
  if (word.read_time < clock.now) return true;
  if ((word.read_warps & ~(std::uint32_t{1} << checked.warp())) != 0) return false;
  return word.read_warp_barriers < checked.accessor.warp_barriers || (word.read_lanes & ~checked.lane()) == 0;
}

std::optional<Fault> FaultOf(const Shadow& word, const Checked& checked) {
  if (!word.open) return Fault::kBounds;
  if (word.copier != 0 && checked.access != Access::kEndCopy) return Fault::kCopy;
  if (checked.reads() && (word.written & checked.bytes) != checked.bytes) return Fault::kUninitialised;
  if (!IsOrderedWithWrite(word, checked)) return Fault::kRace;
  if (checked.writes() && !IsOrderedWithReads(word, checked)) return Fault::kRace;
  return std::nullopt;
}

void RecordWrite(Shadow& word, const Checked& checked) {
  word.write_time = checked.clock.now;
  word.write_warp_barriers = checked.accessor.warp_barriers;
  word.writer = checked.accessor.thread;
  word.atomic = checked.access == Access::kAtomic;
  word.copier = checked.access == Access::kBeginCopy ? static_cast<std::uint16_t>(checked.accessor.thread + 1) : 0;
  if (checked.access != Access::kBeginCopy) word.written |= checked.bytes;
}

void RecordRead(Shadow& word, const Checked& checked) {
  const Clock& clock = checked.clock;
  if (word.read_time != clock.now) {
    word.read_by_blocks = word.read_time >= clock.launch && (word.read_by_blocks || word.read_time < clock.block);
    word.read_time = clock.now;
    word.read_warps = 0;
  }
  if (word.read_warps == 0 || word.reader_warp != checked.warp() ||
      word.read_warp_barriers != checked.accessor.warp_barriers) {
    word.read_lanes = 0;
  }
  word.read_warp_barriers = checked.accessor.warp_barriers;
  word.reader_warp = checked.warp();
  word.read_warps |= std::uint32_t{1} << checked.warp();
  word.read_lanes |= checked.lane();
}

const char* NameOf(Access access) {
  switch (access) {
    case Access::kRead:
      return "reads";
    case Access::kWrite:
      return "writes";
    case Access::kAtomic:
      return "changes atomically";
    case Access::kBeginCopy:
      return "starts a copy to";
    case Access::kEndCopy:
      return "ends a copy to";
  }
  return "";
}

std::string Describe(const Shadow& word, const Checked& checked, Fault fault, std::size_t size, std::size_t offset) {
  std::string text = absl::StrCat(NameOf(checked.access), " ", size, " bytes at offset ", offset);
  if (fault == Fault::kCopy) absl::StrAppend(&text, ", where a copy of thread ", word.copier - 1, " is on its way");
  if (fault == Fault::kRace && !IsOrderedWithWrite(word, checked)) {
    absl::StrAppend(&text, ", written by thread ", word.writer,
                    word.write_time < checked.clock.block ? " of another block" : " without a barrier between");
  } else if (fault == Fault::kRace) {
    absl::StrAppend(&text, ", read by another thread without a barrier between");
  }
  return text;
}

}  // namespace

void CheckAccess(const Region& region, const void* address, std::size_t size, Access access, const Accessor& accessor,
                 const Clock& clock, const void* caller) {
  const std::size_t begin = region.OffsetOf(address);
  const std::size_t end = begin + size;
  Shadow* word = region.ShadowAt(begin);
  bool reported = false;
  for (std::size_t at = begin / kShadowedBytes * kShadowedBytes; at < end; at += kShadowedBytes, ++word) {
    const std::size_t first = std::max(at, begin) - at;
    const std::size_t last = std::min(at + kShadowedBytes, end) - at;
    const auto bytes = static_cast<std::uint8_t>((1u << last) - (1u << first));
    const Checked checked = {access, accessor, clock, bytes};
    const std::optional<Fault> fault = FaultOf(*word, checked);
    if (fault && !reported) {
      reported = true;
      AddReport(*fault, Describe(*word, checked, *fault, size, begin), caller);
    }
    if (!word->open) return;
    checked.writes() ? RecordWrite(*word, checked) : RecordRead(*word, checked);
  }
}

void MarkWritten(const Region& region, std::size_t offset, std::size_t size) {
  for (std::size_t at = offset; at < offset + size; ++at) {
    region.ShadowAt(at)->written |= static_cast<std::uint8_t>(1u << at % kShadowedBytes);
  }
}

bool IsWritten(const Region& region, std::size_t offset, std::size_t size) {
  for (std::size_t at = offset; at < offset + size; ++at) {
    if (!(region.ShadowAt(at)->written >> at % kShadowedBytes & 1)) return false;
  }
  return true;
}

}  // namespace ctxfit::emulator
