#ifndef CTXFIT_TESTS_GPU_EMULATOR_MEMORY_H_
#define CTXFIT_TESTS_GPU_EMULATOR_MEMORY_H_

#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

#include "tests/gpu/emulator/shadow.h"

namespace ctxfit::emulator {

// The least multiple of `unit` that is not less than `size`.
inline std::size_t RoundUp(std::size_t size, std::size_t unit) { return (size + unit - 1) / unit * unit; }

// A range of addresses with the shadow that goes with it. Neither takes memory until it is touched.
class Region {
 public:
  explicit Region(std::size_t bytes);

  bool Holds(const void* address) const { return address >= begin_ && address < begin_ + bytes_; }
  std::size_t OffsetOf(const void* address) const { return static_cast<const char*>(address) - begin_; }
  char* At(std::size_t offset) const { return begin_ + offset; }
  Shadow* ShadowAt(std::size_t offset) const { return shadow_ + offset / kShadowedBytes; }
  std::size_t bytes() const { return bytes_; }

  // Makes a part accessible, with garbage in it.
  void Open(std::size_t offset, std::size_t size);

  // Makes a part inaccessible, and gives back the memory that it took.
  void Close(std::size_t offset, std::size_t size);

 private:
  char* begin_;
  std::size_t bytes_;
  Shadow* shadow_;
};

// The memory of the device. No address is used twice, so that what is used after it was freed is noticed.
class DeviceHeap {
 public:
  DeviceHeap() : region_(std::size_t{1} << 40) {}

  // Allocations of more than 1 GiB have no bytes: they only take up room.
  void* Allocate(std::size_t size);
  void Free(void* data);

  // Returns the bytes from there to the end of its allocation; 0 where nothing is allocated.
  std::size_t AllocatedFrom(const void* address) const;

  // Copies between host and device as the host asks for, and checks the device's side.
  void CopyIn(void* to, const void* from, std::size_t size);
  void CopyOut(void* to, const void* from, std::size_t size);

  const Region& region() const { return region_; }

 private:
  Region region_;
  std::size_t used_ = 0;
  std::map<std::size_t, std::size_t> allocations_;  // sizes by offset
};

// The shared memory of the block that runs: its variables, each with room around it that nobody may touch, and the
// dynamic part.
class SharedArena {
 public:
  SharedArena() : region_(std::size_t{1} << 20) {}

  void BeginLaunch(std::size_t dynamic_bytes);
  void BeginBlock();
  void* Variable(const char* file, int line, std::size_t size, std::size_t alignment);
  void* Dynamic(std::size_t alignment) const;

  const Region& region() const { return region_; }

 private:
  Region region_;
  std::size_t used_ = 0;  // end of the last variable
  std::size_t variable_bytes_ = 0;
  std::size_t dynamic_bytes_ = 0;
  std::map<std::pair<std::string_view, int>, std::size_t> variables_;  // offsets by file and line
};

DeviceHeap& TheHeap();
SharedArena& TheArena();

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_MEMORY_H_
