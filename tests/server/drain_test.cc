#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "kernels/law/fitted_law.h"
#include "server/health_check.h"
#include "tests/hang_guard.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

// A server that shuts down.
class DrainTest : public ServerTest {
 protected:
  absl::Status Health() const { return CheckHealth(address_, kHangGuard); }

  // Shuts the server down on a thread, and waits until its health says so.
  std::future<bool> BeginShutdown(absl::Duration grace) {
    std::future<bool> finished = std::async(std::launch::async, [this, grace] { return server_->Shutdown(grace); });
    const absl::Time limit = absl::Now() + kHangGuard;
    while (Health().ok() && absl::Now() < limit) absl::SleepFor(absl::Milliseconds(5));
    return finished;
  }
};

TEST_F(DrainTest, HealthIsServingUntilItIsReportedOtherwise) {
  EXPECT_TRUE(Health().ok()) << Health();
  server_->ReportUnhealthy();
  EXPECT_EQ(Health().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(Health().message()), HasSubstr("not serving"));
}

TEST_F(DrainTest, RunningAndWaitingFitsFinishAndNewOnesAreUnavailable) {
  RunningFit running(*fitting_, RequestOfSeconds());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  RunningFit waiting(*fitting_, ShortRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(waiting.AwaitPhase(v1::FIT_PHASE_QUEUED));
  std::future<bool> finished = BeginShutdown(kHangGuard);
  EXPECT_THAT(std::string(Health().message()), HasSubstr("not serving"));

  const grpc::Status refused = Fit(ShortRequest());
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(refused.error_message(), HasSubstr("shutting down"));
  grpc::ClientContext context;
  v1::PredictResponse response;
  EXPECT_EQ(planning_->Predict(&context, {}, &response).error_code(), grpc::StatusCode::UNAVAILABLE);

  EXPECT_TRUE(running.Finish().ok());
  EXPECT_TRUE(running.message().has_result());
  EXPECT_TRUE(waiting.Finish().ok());
  EXPECT_TRUE(waiting.message().has_result());
  EXPECT_TRUE(finished.get());
}

TEST_F(DrainTest, FitsThatOutlastTheGraceAreCutShortAndAskedToRetryElsewhere) {
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  RunningFit waiting(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(waiting.AwaitPhase(v1::FIT_PHASE_QUEUED));
  const absl::Time begin = absl::Now();
  const absl::Duration grace = absl::Milliseconds(200);
  std::future<bool> finished = BeginShutdown(grace);
  for (RunningFit* fit : {&running, &waiting}) {
    const grpc::Status status = fit->Finish();
    // On a busy machine gRPC may close the call before the fit has ended, with the same code and a text of its own.
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  }
  EXPECT_GE(absl::Now() - begin, grace);
  EXPECT_FALSE(finished.get());
}

TEST_F(DrainTest, CancellingEveryFitEndsAShutdownThatWaitsForThem) {
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  std::future<bool> finished = BeginShutdown(absl::Hours(1));
  server_->CancelAll();
  EXPECT_FALSE(running.Finish().ok());
  EXPECT_FALSE(finished.get()) << "a fit was cut short";
}

}  // namespace
}  // namespace ctxfit
