// The header of cuRAND's Philox compiles without nvcc once it has its vector types and host qualifiers.
#include <vector_types.h>
#define QUALIFIERS static inline

#include <curand_philox4x32_x.h>
#include <gtest/gtest.h>

#include "kernels/base/philox.h"

namespace ctxfit {
namespace {

TEST(PhiloxTest, WordsAreThoseOfCurand) {
  for (unsigned i = 0; i < 1000; ++i) {
    const unsigned a = i * 2654435761u;
    const uint4 curand = curand_Philox4x32_10({i, a, a ^ 0x55555555, ~i}, {a + i, a * 7});
    const RandomWords ours = Philox4x32({{i, a, a ^ 0x55555555, ~i}}, a + i, a * 7);
    EXPECT_EQ(ours.word[0], curand.x);
    EXPECT_EQ(ours.word[1], curand.y);
    EXPECT_EQ(ours.word[2], curand.z);
    EXPECT_EQ(ours.word[3], curand.w);
  }
}

}  // namespace
}  // namespace ctxfit
