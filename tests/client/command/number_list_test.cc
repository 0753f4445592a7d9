#include "client/command/number_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ctxfit {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ParseNumbersTest, ParsesNumbersAndLogarithmicGrids) {
  // Tolerance: a power of two through exp and log takes a few roundings of 2e-16.
  EXPECT_THAT(ParseNumbers("--prompt", {"3", "1:8:4", "1e22"}).value(),
              ElementsAre(3, 1, DoubleNear(2, 1e-14), DoubleNear(4, 1e-14), 8, 1e22));
}

TEST(ParseNumbersTest, RefusesTextThatIsNeitherNumberNorGrid) {
  for (const char* text : {"many", "", "1:2", "1:2:3:4", "2:1:3", "0:1:3", "1:2:1", "1:2:10001", "1:2:x", "1:inf:3"}) {
    const absl::Status status = ParseNumbers("--prompt", {"5", text}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("--prompt \"" + std::string(text) + "\": must be a number"));
  }
}

}  // namespace
}  // namespace ctxfit
