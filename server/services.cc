#include "server/services.h"

#include <utility>

#include "absl/time/clock.h"

namespace ctxfit {
namespace {

constexpr int kPredictionThreads = 2;
constexpr std::size_t kPredictionCapacity = 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<Services>> Services::Start(ServiceOptions options) {
  absl::StatusOr<std::unique_ptr<DeviceQueues>> lanes = DeviceQueues::Open(options.lanes);
  if (!lanes.ok()) return lanes.status();
  return std::unique_ptr<Services>(new Services(std::move(options), *std::move(lanes)));
}

Services::Services(ServiceOptions options, std::unique_ptr<DeviceQueues> lanes)
    : options_(std::move(options)),
      lanes_(std::move(lanes)),
      predictions_("predictions", kPredictionThreads, kPredictionCapacity),
      fitting_({*lanes_, *options_.logger, options_.on_device_failure}),
      planning_(predictions_, *options_.logger) {}

void Services::Register(grpc::ServerBuilder& builder) {
  builder.RegisterService(&fitting_);
  builder.RegisterService(&planning_);
}

bool Services::Drain(absl::Duration grace) {
  const absl::Time deadline = absl::Now() + grace;
  lanes_->Close();
  predictions_.Close();
  const bool finished = lanes_->AwaitIdle(deadline) && predictions_.AwaitIdle(deadline);
  if (!finished) CancelAll();
  return finished;
}

void Services::CancelAll() {
  lanes_->CancelAll();
  predictions_.CancelAll();
}

}  // namespace ctxfit
