#ifndef CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_VECTOR_TYPES_H_
#define CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_VECTOR_TYPES_H_

// CUDA's vector types, all of which Thrust's headers name, with CUDA's alignments.

#define CTXFIT_VECTOR_TYPES(name, type)                              \
  struct name##1 {                                                   \
    type x;                                                          \
  };                                                                 \
  struct alignas(2 * sizeof(type)) name##2 {                         \
    type x, y;                                                       \
  };                                                                 \
  struct name##3 {                                                   \
    type x, y, z;                                                    \
  };                                                                 \
  struct alignas(sizeof(type) < 4 ? 4 * sizeof(type) : 16) name##4 { \
    type x, y, z, w;                                                 \
  };
CTXFIT_VECTOR_TYPES(char, signed char)
CTXFIT_VECTOR_TYPES(uchar, unsigned char)
CTXFIT_VECTOR_TYPES(short, short)
CTXFIT_VECTOR_TYPES(ushort, unsigned short)
CTXFIT_VECTOR_TYPES(int, int)
CTXFIT_VECTOR_TYPES(uint, unsigned)
CTXFIT_VECTOR_TYPES(long, long)
CTXFIT_VECTOR_TYPES(ulong, unsigned long)
CTXFIT_VECTOR_TYPES(longlong, long long)
CTXFIT_VECTOR_TYPES(ulonglong, unsigned long long)
CTXFIT_VECTOR_TYPES(float, float)
CTXFIT_VECTOR_TYPES(double, double)
#undef CTXFIT_VECTOR_TYPES

#endif  // CTXFIT_TESTS_GPU_EMULATOR_INCLUDE_VECTOR_TYPES_H_
