#include "kernels/fit/options.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace ctxfit {
namespace {

TEST(OptionsTest, DefaultOptionsAreValid) { EXPECT_TRUE(Validate(FitOptions{}).ok()); }

struct BadOption {
  std::function<void(FitOptions&)> set;
  std::string message;
};

TEST(OptionsTest, ValidateNamesFieldValueAndRuleOfABadOption) {
  const BadOption bad_options[] = {
      {[](FitOptions& o) { o.penalty.width = 0; }, "options.penalty.width_tokens = 0: must be finite and > 0"},
      {[](FitOptions& o) { o.search.candidates = 7; }, "options.search.candidates = 7: must be in [8, 65536]"},
      {[](FitOptions& o) { o.search.max_generations = 0; },
       "options.search.max_generations = 0: must be in [1, 10000]"},
      {[](FitOptions& o) { o.search.tolerance_deviance = 0; },
       "options.search.tolerance_deviance = 0: must be finite and > 0"},
      {[](FitOptions& o) { o.bootstrap.replicates = 19; },
       "options.bootstrap.replicates = 19: must be 0 or in [20, 100000]"},
      {[](FitOptions& o) { o.bootstrap.confidence = 1; }, "options.bootstrap.confidence = 1: must be in (0, 1)"},
  };
  for (const BadOption& bad : bad_options) {
    FitOptions options;
    bad.set(options);
    EXPECT_EQ(Validate(options), absl::InvalidArgumentError(bad.message));
  }
}

TEST(OptionsTest, WithoutIntervalsOnlyTheirOptionsChange) {
  FitOptions options;
  options.seed = 3;
  options.profile = true;
  options.bootstrap.global_replicates = 20;
  options.bootstrap.confidence = 0.8;
  const FitOptions without = WithoutIntervals(options);
  EXPECT_EQ(without.bootstrap.replicates, 0);
  EXPECT_EQ(without.bootstrap.global_replicates, 0);
  EXPECT_FALSE(without.profile);
  EXPECT_EQ(without.bootstrap.confidence, 0.8);
  EXPECT_EQ(without.seed, 3u);
}

}  // namespace
}  // namespace ctxfit
