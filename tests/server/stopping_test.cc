#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "kernels/base/available_cpus.h"
#include "tests/cpu_time.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

// Each ending is tried that often, and the least work counts: threads that are woken late add to it, never take from
// it. Sanitizers, under which fits take tens of seconds, look for races, which two tries show as well.
constexpr int kTries = kSlowdown > 1 ? 2 : 5;

// The work that a fit may do after its end: the contract's 100 ms on each thread.
absl::Duration WorkLimit() { return absl::Milliseconds(100 * kSlowdown) * AvailableCpus(); }

// Fits that end before their result. A short fit is sent at once after each, which has to wait for the only worker: the
// processor time of this process until its answer, less its own, is the work that was done for nobody. The time of day
// is measured by tests/bench/stopping_benchmark.cc.
class StoppingTest : public ServerTest {
 protected:
  // The processor time used since it was `begin`, once a short fit has been answered.
  absl::Duration WorkUntilShortFit(absl::Duration begin) {
    grpc::ClientContext context;  // without a deadline, which could not be met if the stopped fit went on
    v1::FitResponse response;
    const grpc::Status status = fitting_->Fit(&context, ShortRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return ProcessCpuTime() - begin;
  }

  // The work of a short fit that waits for nothing.
  absl::Duration ShortFit() {
    absl::Duration least = absl::InfiniteDuration();
    for (int i = 0; i < kTries; ++i) least = std::min(least, WorkUntilShortFit(ProcessCpuTime()));
    return least;
  }
};

TEST_F(StoppingTest, ADeadlineEndsTheFitAndFreesTheWorker) {
  const v1::FitRequest request = LongRequest();
  absl::Duration work = absl::InfiniteDuration();
  for (int i = 0; i < kTries; ++i) {
    grpc::ClientContext context;
    v1::FitResponse response;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds((100 + 200 * i) * kSlowdown)));
    const grpc::Status status = fitting_->Fit(&context, request, &response);
    const absl::Duration begin = ProcessCpuTime();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << status.error_message();
    work = std::min(work, WorkUntilShortFit(begin));
  }
  EXPECT_LT(work, WorkLimit() + ShortFit());
}

TEST_F(StoppingTest, ACancellationEndsTheFitInSearchAndResamplingAndFreesTheWorker) {
  const std::pair<v1::FitPhase, v1::StreamFitRequest> cases[] = {
      {v1::FIT_PHASE_SEARCH, LongSearchRequest<v1::StreamFitRequest>()},
      {v1::FIT_PHASE_RESAMPLE, LongRequest<v1::StreamFitRequest>()},
  };
  for (const auto& [phase, request] : cases) {
    absl::Duration work = absl::InfiniteDuration();
    for (int i = 0; i < kTries; ++i) {
      RunningFit fit(*fitting_, request);
      ASSERT_TRUE(fit.AwaitPhase(phase)) << v1::FitPhase_Name(phase);
      const absl::Duration begin = ProcessCpuTime();
      fit.context().TryCancel();
      EXPECT_EQ(fit.Finish().error_code(), grpc::StatusCode::CANCELLED);
      work = std::min(work, WorkUntilShortFit(begin));
    }
    EXPECT_LT(work, WorkLimit() + ShortFit()) << v1::FitPhase_Name(phase);
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
