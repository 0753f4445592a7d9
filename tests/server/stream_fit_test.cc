#include <gtest/gtest.h>

#include <cstdint>

#include "google/protobuf/util/time_util.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using google::protobuf::util::TimeUtil;

class StreamFitTest : public ServerTest {};

// tests/bench/stopping_benchmark.cc measures how often progress comes by the time of day.
TEST_F(StreamFitTest, ProgressComesWhileAPhaseLastsAndTheResultAtTheEnd) {
  const v1::StreamFitRequest request = RequestOfSeconds();
  RunningFit fit(*fitting_, request);
  int resampling_count = 0;
  double fraction = 0;
  v1::FitPhase phase = v1::FIT_PHASE_UNSPECIFIED;
  std::int64_t elapsed_ns = 0;
  while (fit.Read() && fit.message().has_progress()) {
    const v1::Progress& progress = fit.message().progress();
    EXPECT_GE(progress.fraction(), fraction) << "fell";
    EXPECT_LE(progress.fraction(), 1);
    EXPECT_GE(progress.phase(), phase) << "went back";
    EXPECT_GE(TimeUtil::DurationToNanoseconds(progress.elapsed()), elapsed_ns) << "went back";
    fraction = progress.fraction();
    phase = progress.phase();
    elapsed_ns = TimeUtil::DurationToNanoseconds(progress.elapsed());
    resampling_count += phase == v1::FIT_PHASE_RESAMPLE;
  }
  EXPECT_EQ(phase, v1::FIT_PHASE_RESAMPLE);
  EXPECT_GT(resampling_count, 1) << "one message for each phase says nothing of how long it lasts";
  ASSERT_TRUE(fit.message().has_result());
  EXPECT_EQ(fit.message().result().fits(0).replicates().converged_size(), request.options().bootstrap().replicates());
  EXPECT_FALSE(fit.Read()) << "a message after the result";
  EXPECT_TRUE(fit.Finish().ok());
}

TEST_F(StreamFitTest, ProgressHasTheGenerationTheCostAndTheTimeOfTheSearch) {
  RunningFit fit(*fitting_, RequestOfSeconds());
  ASSERT_TRUE(fit.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  const v1::Progress progress = fit.message().progress();
  EXPECT_GT(progress.generation(), 0);
  EXPECT_GT(progress.best_cost(), 0);
  EXPECT_EQ(progress.queue_position(), 0);
  EXPECT_GT(TimeUtil::DurationToNanoseconds(progress.elapsed()), 0);
  ASSERT_TRUE(fit.Finish().ok());
}

TEST_F(StreamFitTest, ProgressHasThePlaceInTheQueue) {
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

TEST_F(StreamFitTest, FitsThatShareADeviceRunConcurrently) {
  StartServer({}, 8, 2);
  v1::FitResponse alone;
  ASSERT_TRUE(Fit(ShortRequest(), &alone).ok());
  RunningFit first(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(first.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  // A fit beside the first does not wait for it, and has the same result as alone.
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

TEST_F(StreamFitTest, ResultEqualsThatOfAFitWithoutProgress) {
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
