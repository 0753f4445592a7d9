#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

// What the contract gives a server to end a fit that nobody waits for any more.
constexpr absl::Duration kStopLimit = absl::Milliseconds(100 * kSlowdown);

// How often each ending is tried. The least late one counts: other processes of the machine only ever add to it.
constexpr int kTries = 5;

// Fits that end before their result. A short fit is sent at once after each, which has to wait for the only worker: how
// late it is tells how long the worker went on.
class StoppingTest : public ServerTest {
 protected:
  absl::Duration ShortFitSince(absl::Time event) {
    const grpc::Status status = Fit(ShortRequest());
    EXPECT_TRUE(status.ok()) << status.error_message();
    return absl::Now() - event;
  }

  // How long a short fit takes that waits for nothing.
  absl::Duration ShortFit() {
    absl::Duration least = absl::InfiniteDuration();
    for (int i = 0; i < kTries; ++i) least = std::min(least, ShortFitSince(absl::Now()));
    return least;
  }
};

TEST_F(StoppingTest, ADeadlineEndsTheFitAndFreesTheWorker) {
  const v1::FitRequest request = LongRequest();
  absl::Duration answered = absl::InfiniteDuration();
  absl::Duration free = absl::InfiniteDuration();
  for (int i = 0; i < kTries; ++i) {
    grpc::ClientContext context;
    v1::FitResponse response;
    const absl::Time deadline = absl::Now() + absl::Milliseconds((100 + 200 * i) * kSlowdown);
    context.set_deadline(absl::ToChronoTime(deadline));
    const grpc::Status status = fitting_->Fit(&context, request, &response);
    answered = std::min(answered, absl::Now() - deadline);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << status.error_message();
    free = std::min(free, ShortFitSince(deadline));
  }
  EXPECT_LT(answered, kStopLimit);
  EXPECT_LT(free, kStopLimit + ShortFit());
}

TEST_F(StoppingTest, ACancellationEndsTheFitInEveryPhaseAndFreesTheWorker) {
  const std::pair<v1::FitPhase, v1::StreamFitRequest> cases[] = {
      {v1::FIT_PHASE_SEARCH, LongSearchRequest<v1::StreamFitRequest>()},
      {v1::FIT_PHASE_RESAMPLE, LongRequest<v1::StreamFitRequest>()},
  };
  for (const auto& [phase, request] : cases) {
    absl::Duration free = absl::InfiniteDuration();
    for (int i = 0; i < kTries; ++i) {
      RunningFit fit(*fitting_, request);
      ASSERT_TRUE(fit.AwaitPhase(phase)) << v1::FitPhase_Name(phase);
      const absl::Time begin = absl::Now();
      fit.context().TryCancel();
      EXPECT_EQ(fit.Finish().error_code(), grpc::StatusCode::CANCELLED);
      free = std::min(free, ShortFitSince(begin));
    }
    EXPECT_LT(free, kStopLimit + ShortFit()) << v1::FitPhase_Name(phase);
  }
}

TEST_F(StoppingTest, ACancellationInTheQueueLeavesTheRunningFitAlone) {
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  RunningFit waiting(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(waiting.AwaitPhase(v1::FIT_PHASE_QUEUED));
  waiting.context().TryCancel();
  EXPECT_EQ(waiting.Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(running.Read()) << "still at work";
}

}  // namespace
}  // namespace ctxfit
