#include "server/queue/fit_job.h"

#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <cstdint>
#include <future>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "kernels/base/device_failure.h"
#include "kernels/fit/options.h"
#include "server/queue/device_queues.h"
#include "server/wire/options_conversion.h"

namespace ctxfit {
namespace {

// Remembers how a job ended.
class Ending : public FitListener {
 public:
  void OnProgress(const v1::Progress&) override {}
  void OnFitDone(const absl::Status& status, const RequestRecord& record) override {
    EXPECT_TRUE(record.started);
    EXPECT_EQ(record.backend, "cpu");
    EXPECT_EQ(record.rows, 1);
    end_.set_value(status);
  }
  absl::Status Await() { return end_.get_future().get(); }

 private:
  std::promise<absl::Status> end_;
};

class FitJobTest : public testing::Test {
 protected:
  // Runs a job that does `work`, and returns its status.
  absl::Status RunJob(FitWork work) {
    ObservationTable table;
    table.training_compute_flops = table.prompt_tokens = table.context_limit_tokens = {1};
    table.score = {0.5};
    const v1::FitOptions options;
    Ending ending;
    const Arrival arrival = {"ipv4:127.0.0.1", absl::InfiniteFuture(), 0};
    FitCall call = {arrival, Admit(arrival, places_, absl::Seconds(1), memory_).value(), std::move(table), options, {}};
    const auto job = FitJob::Prepare(std::move(call), std::move(work), environment_, &ending).value();
    EXPECT_TRUE(FitJob::Submit(job).ok());
    const absl::Status status = ending.Await();
    EXPECT_TRUE(devices_->AwaitIdle(absl::InfiniteFuture()));
    EXPECT_EQ(places_.taken(), 0);
    return status;
  }

  spdlog::logger logger_{"test"};
  int device_failures_ = 0;
  Places places_{"fits", 4};
  MemoryBudget memory_{std::int64_t{1} << 30};
  WorkQueue readers_{WorkQueueOptions{}};
  const std::unique_ptr<DeviceQueues> devices_ =
      DeviceQueues::Open({.cpu_threads = 1, .fits_at_once = 1, .short_fits_at_once = 0}, nullptr).value();
  FitEnvironment environment_ = {
      readers_, places_, memory_, {}, *devices_, logger_, [this](const absl::Status&) { ++device_failures_; }};
};

TEST_F(FitJobTest, AnExceptionEndsTheJobAlone) {
  EXPECT_EQ(RunJob([](FitRun&) -> absl::Status { throw std::bad_alloc(); }).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RunJob([](FitRun&) -> absl::Status { throw std::runtime_error("no root"); }),
            absl::InternalError("an unexpected exception: no root"));
  EXPECT_EQ(RunJob([](FitRun&) -> absl::Status { throw 7; }).code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(RunJob([](FitRun&) { return absl::OkStatus(); }).ok()) << "the backend has been given back";
  EXPECT_EQ(device_failures_, 0);
}

TEST_F(FitJobTest, OnlyADeviceThatHasFailedIsReported) {
  EXPECT_EQ(RunJob([](FitRun&) { return absl::InternalError("a mistake"); }).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(device_failures_, 0);
  EXPECT_EQ(RunJob([](FitRun&) { return DeviceFailure("an illegal address"); }).code(), absl::StatusCode::kInternal);
  EXPECT_EQ(device_failures_, 1);
}

}  // namespace
}  // namespace ctxfit
