#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

// What the contract gives a server to end a fit that nobody waits for any more.
constexpr absl::Duration kStopLimit = absl::Milliseconds(100 * kSlowdown);

// Fits that end before their result. Each test ends by a short fit, which has to wait for the only worker: how late it
// is tells how long the worker went on.
class StoppingTest : public ServerTest {
 protected:
  // How long a short fit takes on its own: of several, the longest.
  StoppingTest() {
    for (int i = 0; i < 5; ++i) {
      const absl::Time begin = absl::Now();
      EXPECT_TRUE(Fit(ShortRequest()).ok());
      short_fit_ = std::max(short_fit_, absl::Now() - begin);
    }
  }

  void ExpectWorkerFree(absl::Time event) {
    const grpc::Status status = Fit(ShortRequest());
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_LT(absl::Now() - event, kStopLimit + short_fit_) << "a short fit alone took " << short_fit_;
  }

  absl::Duration short_fit_;
};

TEST_F(StoppingTest, ADeadlineEndsTheFitAndFreesTheWorker) {
  const v1::FitRequest request = LongRequest();
  for (const absl::Duration allowed : {absl::Milliseconds(100), absl::Milliseconds(600), absl::Milliseconds(1500)}) {
    grpc::ClientContext context;
    v1::FitResponse response;
    const absl::Time deadline = absl::Now() + allowed * kSlowdown;
    context.set_deadline(absl::ToChronoTime(deadline));
    const grpc::Status status = fitting_->Fit(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << status.error_message();
    EXPECT_LT(absl::Now() - deadline, kStopLimit);
    ExpectWorkerFree(deadline);
  }
}

TEST_F(StoppingTest, ACancellationEndsTheFitInEveryPhaseAndFreesTheWorker) {
  for (const v1::FitPhase phase : {v1::FIT_PHASE_SEARCH, v1::FIT_PHASE_RESAMPLE}) {
    RunningFit fit(*fitting_, LongRequest<v1::StreamFitRequest>());
    ASSERT_TRUE(fit.AwaitPhase(phase)) << v1::FitPhase_Name(phase);
    const absl::Time begin = absl::Now();
    fit.context().TryCancel();
    EXPECT_EQ(fit.Finish().error_code(), grpc::StatusCode::CANCELLED);
    ExpectWorkerFree(begin);
  }
}

TEST_F(StoppingTest, ACancellationInTheQueueLeavesTheRunningFitAlone) {
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_SEARCH));
  RunningFit waiting(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(waiting.AwaitPhase(v1::FIT_PHASE_QUEUED));
  waiting.context().TryCancel();
  EXPECT_EQ(waiting.Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(running.Read()) << "still at work";
}

}  // namespace
}  // namespace ctxfit
