#include <gtest/gtest.h>

#include <algorithm>

#include "google/protobuf/util/time_util.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using google::protobuf::util::TimeUtil;

class StreamFitTest : public ServerTest {};

TEST_F(StreamFitTest, TellsProgressTenTimesASecondAndTheResultAtTheEnd) {
  const v1::StreamFitRequest request = RequestOfSeconds();
  RunningFit fit(*fitting_, request);
  int message_count = 0;
  double fraction = 0;
  v1::FitPhase phase = v1::FIT_PHASE_UNSPECIFIED;
  absl::Duration longest_pause;
  absl::Time begin = absl::InfiniteFuture();
  absl::Time last = absl::InfiniteFuture();
  while (fit.Read() && fit.message().has_progress()) {
    const v1::Progress& progress = fit.message().progress();
    const absl::Time now = absl::Now();
    begin = std::min(begin, now);
    if (message_count > 0) longest_pause = std::max(longest_pause, now - last);
    last = now;
    ++message_count;
    EXPECT_GE(progress.fraction(), fraction) << "fell";
    EXPECT_LE(progress.fraction(), 1);
    EXPECT_GE(progress.phase(), phase) << "went back";
    fraction = progress.fraction();
    phase = progress.phase();
  }
  EXPECT_EQ(phase, v1::FIT_PHASE_RESAMPLE);
  ASSERT_TRUE(fit.message().has_result());
  EXPECT_EQ(fit.message().result().fits(0).replicates().converged_size(), request.options().bootstrap().replicates());
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  ASSERT_GT(seconds, 0.5) << "too short to tell how often";
  EXPECT_GE(message_count, 10 * seconds);
  // Ten a second on the whole may hide a silence. Half a second leaves room for other processes on the machine.
  EXPECT_LT(longest_pause, absl::Milliseconds(500 * kSlowdown));
  EXPECT_FALSE(fit.Read()) << "a message after the result";
  EXPECT_TRUE(fit.Finish().ok());
}

TEST_F(StreamFitTest, TellsGenerationCostAndTimeOfTheSearch) {
  RunningFit fit(*fitting_, RequestOfSeconds());
  ASSERT_TRUE(fit.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  const v1::Progress progress = fit.message().progress();
  EXPECT_GT(progress.generation(), 0);
  EXPECT_GT(progress.best_cost(), 0);
  EXPECT_EQ(progress.queue_position(), 0);
  EXPECT_GT(TimeUtil::DurationToNanoseconds(progress.elapsed()), 0);
  ASSERT_TRUE(fit.Finish().ok());
}

TEST_F(StreamFitTest, TellsItsPlaceInTheQueue) {
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  RunningFit next(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(next.AwaitPhase(v1::FIT_PHASE_QUEUED));
  RunningFit last(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(last.AwaitPhase(v1::FIT_PHASE_QUEUED));
  EXPECT_EQ(next.message().progress().queue_position(), 1);
  EXPECT_EQ(last.message().progress().queue_position(), 2);
  EXPECT_EQ(TimeUtil::DurationToNanoseconds(last.message().progress().elapsed()), 0);
}

TEST_F(StreamFitTest, FitsThatShareADeviceRunSideBySide) {
  StartServer({}, 8, 2);
  v1::FitResponse alone;
  ASSERT_TRUE(Fit(ShortRequest(), &alone).ok());
  RunningFit first(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(first.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  // One that does not wait for the first, and is none the worse for it.
  v1::FitResponse beside;
  ASSERT_TRUE(Fit(ShortRequest(), &beside).ok());
  EXPECT_EQ(beside.fits(0).parameters().SerializeAsString(), alone.fits(0).parameters().SerializeAsString());
  EXPECT_EQ(beside.fits(0).replicates().SerializeAsString(), alone.fits(0).replicates().SerializeAsString());
  ASSERT_TRUE(first.Read()) << "the first has ended meanwhile";
  RunningFit second(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(second.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  RunningFit third(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(third.AwaitPhase(v1::FIT_PHASE_QUEUED));
  EXPECT_EQ(third.message().progress().queue_position(), 2);
}

TEST_F(StreamFitTest, ResultIsThatOfFit) {
  v1::FitResponse response;
  ASSERT_TRUE(Fit(ShortRequest(), &response).ok());
  RunningFit fit(*fitting_, ShortRequest<v1::StreamFitRequest>());
  while (fit.Read() && fit.message().has_progress()) continue;
  ASSERT_TRUE(fit.message().has_result());
  const v1::FitResponse& result = fit.message().result();
  ASSERT_EQ(result.fits_size(), 1);
  EXPECT_EQ(result.fits(0).parameters().SerializeAsString(), response.fits(0).parameters().SerializeAsString());
  EXPECT_EQ(result.fits(0).replicates().SerializeAsString(), response.fits(0).replicates().SerializeAsString());
}

}  // namespace
}  // namespace ctxfit
