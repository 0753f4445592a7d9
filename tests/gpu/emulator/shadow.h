#ifndef CTXFIT_TESTS_GPU_EMULATOR_SHADOW_H_
#define CTXFIT_TESTS_GPU_EMULATOR_SHADOW_H_

#include <cstddef>
#include <cstdint>

// The shadow of every four bytes of device and shared memory, and the checks by it.
//
// Blocks run one after the other, and barriers of a block are points in time. An access is therefore ordered with an
// earlier one of another thread if the earlier one lies before the last launch, or in the same block before its last
// barrier, or in the same warp before the warp's last barrier. Nothing orders two blocks of a launch. Atomics are
// ordered with each other, and with nothing else.

namespace ctxfit::emulator {

inline constexpr std::size_t kShadowedBytes = 4;

struct Shadow {
  std::uint32_t write_time;
  std::uint32_t write_warp_barriers;  // those that the warp of the writer had passed
  std::uint32_t read_time;
  std::uint32_t read_warp_barriers;
  std::uint32_t read_warps;  // a bit for each warp that read at read_time
  std::uint32_t read_lanes;  // a bit for each lane of reader_warp that read since its last barrier
  std::uint16_t writer;      // thread
  std::uint16_t copier;      // thread + 1 that has an asynchronous copy on its way here
  std::uint8_t reader_warp;  // number of the warp that read last
  std::uint8_t written;      // a bit for each byte
  bool open;                 // is allocated
  bool atomic : 1;           // true if the last write was atomic
  bool read_by_blocks : 1;   // true if several blocks of the launch read it
};

// Times of barriers, counted over the process.
struct Clock {
  std::uint32_t now = 1;
  std::uint32_t block = 1;   // when the block began
  std::uint32_t launch = 1;  // when the launch began

  void BeginLaunch() { launch = block = ++now; }
  void BeginBlock() { block = ++now; }
  void PassBarrier() { ++now; }
};

enum class Access { kRead, kWrite, kAtomic, kBeginCopy, kEndCopy };

// The thread that accesses memory.
struct Accessor {
  std::uint16_t thread;
  std::uint32_t warp_barriers;
};

class Region;

// Checks an access by a thread to `size` bytes of a region, of which no more than one fault is reported, and records
// it. `caller` is where the kernel's code goes on.
void CheckAccess(const Region& region, const void* address, std::size_t size, Access access, const Accessor& accessor,
                 const Clock& clock, const void* caller);

// Marks bytes as written by the host, and tells whether all have been.
void MarkWritten(const Region& region, std::size_t offset, std::size_t size);
bool IsWritten(const Region& region, std::size_t offset, std::size_t size);

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_SHADOW_H_
