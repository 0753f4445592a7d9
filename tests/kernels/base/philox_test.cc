#include "kernels/base/philox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace ctxfit {
namespace {

using ::testing::ElementsAre;

constexpr std::uint32_t kAllOnes = 0xffffffff;

// Random123 publishes these known answers for philox4x32-10 (kat_vectors).
TEST(PhiloxTest, WordsAreThePublishedAnswers) {
  EXPECT_THAT(Philox4x32({{0, 0, 0, 0}}, 0, 0).word, ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
  EXPECT_THAT(Philox4x32({{kAllOnes, kAllOnes, kAllOnes, kAllOnes}}, kAllOnes, kAllOnes).word,
              ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
  EXPECT_THAT(Philox4x32({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0).word,
              ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(PhiloxTest, ADrawIsAFunctionOfSeedPurposeStepAndIndex) {
  const std::uint64_t seed = 0x123456789abcdef0;
  EXPECT_THAT(Draw(seed, Purpose::kCrossover, 7, 11).word,
              testing::ElementsAreArray(Philox4x32({{11, 7, 4, 0}}, 0x9abcdef0, 0x12345678).word));
}

TEST(PhiloxTest, UniformsLieInsideTheOpenUnitIntervalAndMirror) {
  EXPECT_EQ(Uniform(0), 0x1p-33);
  EXPECT_EQ(Uniform(kAllOnes), 1 - 0x1p-33);
  EXPECT_EQ(UniformFloat(0), 0x1p-24f);
  EXPECT_EQ(UniformFloat(kAllOnes), 1 - 0x1p-24f);
  for (std::uint32_t word = 1; word < kAllOnes - 999983; word += 999983) {
    EXPECT_EQ(Uniform(word) + Uniform(~word), 1.0);
    EXPECT_EQ(UniformFloat(word) + UniformFloat(~word), 1.0f);
  }
}

TEST(PhiloxTest, UniformIntegersCoverTheirRangeEvenly) {
  int counts[7] = {};
  for (std::uint32_t i = 0; i < 70000; ++i) ++counts[UniformBelow(Draw(5, Purpose::kSimulation, 0, i).word[0], 7)];
  // Each count is binomial with mean 10000 and standard deviation 93; the bound is five of these.
  for (const int count : counts) EXPECT_NEAR(count, 10000, 465);
  EXPECT_EQ(UniformBelow(0, 7), 0u);
  EXPECT_EQ(UniformBelow(kAllOnes, 7), 6u);
}

}  // namespace
}  // namespace ctxfit
