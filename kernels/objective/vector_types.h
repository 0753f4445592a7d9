#ifndef CTXFIT_KERNELS_OBJECTIVE_VECTOR_TYPES_H_
#define CTXFIT_KERNELS_OBJECTIVE_VECTOR_TYPES_H_

// Vectors of numbers by the GNU vector extension, for the loops of VectorKernels.

namespace ctxfit {

template <class T, int kBytes>
struct VectorOf {
  typedef T type __attribute__((vector_size(kBytes)));
};

template <class V, class T>
[[gnu::always_inline]] inline V Load(const T* from) {
  V vector;
  __builtin_memcpy(&vector, from, sizeof(V));
  return vector;
}

template <class V, class T>
[[gnu::always_inline]] inline void Store(const V& vector, T* to) {
  __builtin_memcpy(to, &vector, sizeof(V));
}

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_VECTOR_TYPES_H_
