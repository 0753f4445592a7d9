#include "client/text/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "client/input/utf8.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::Progress Searching() {
  v1::Progress progress;
  progress.set_phase(v1::FIT_PHASE_SEARCH);
  progress.set_task("arithmetic");
  progress.set_generation(12);
  progress.set_best_cost(14.05);
  progress.set_fraction(0.5);
  return progress;
}

TEST(ProgressLineTest, ShowsPhaseShareGenerationAndCost) {
  const std::string line = ProgressLine(Searching(), 200);
  EXPECT_THAT(line, StartsWith("searching   ━━━━━━━━━━━━────────────  50 %"));
  EXPECT_THAT(line, HasSubstr("generation 12  best cost 14.050  arithmetic"));
}

TEST(ProgressLineTest, ShowsTheQueuePosition) {
  v1::Progress progress;
  progress.set_phase(v1::FIT_PHASE_QUEUED);
  progress.set_queue_position(3);
  EXPECT_THAT(ProgressLine(progress, 200), StartsWith("queued, 3 ahead"));
}

TEST(ProgressLineTest, FillsTheWidthOfTheTerminal) { EXPECT_EQ(CharacterCount(ProgressLine(Searching(), 40)), 40u); }

TEST(ProgressBarTest, DrawsNothingWithoutATerminal) {
  std::FILE* const file = std::tmpfile();
  {
    ProgressBar bar(file, true);
    bar.Show(Searching());
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace ctxfit
