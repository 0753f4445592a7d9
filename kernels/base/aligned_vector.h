#ifndef CTXFIT_KERNELS_BASE_ALIGNED_VECTOR_H_
#define CTXFIT_KERNELS_BASE_ALIGNED_VECTOR_H_

#include <cstddef>
#include <new>
#include <vector>

namespace ctxfit {

inline constexpr std::align_val_t kCacheLine{64};

// Allocates memory that starts on a cache line.
template <class T>
struct CacheLineAllocator {
  using value_type = T;

  CacheLineAllocator() = default;
  template <class U>
  explicit CacheLineAllocator(const CacheLineAllocator<U>&) {}

  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kCacheLine)); }
  void deallocate(T* values, std::size_t) { ::operator delete(values, kCacheLine); }

  template <class U>
  bool operator==(const CacheLineAllocator<U>&) const {
    return true;
  }
};

// A vector that starts on a cache line, for the tables of VectorKernels: a load that straddles two lines costs two.
template <class T>
using AlignedVector = std::vector<T, CacheLineAllocator<T>>;

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BASE_ALIGNED_VECTOR_H_
