#include "server/services.h"

#include <utility>

#include "absl/time/clock.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {
namespace {

constexpr int kPredictionThreads = 2;
constexpr std::size_t kPredictionCapacity = 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<Services>> Services::Start(ServiceOptions options) {
  return CatchExceptions([&options]() -> absl::StatusOr<std::unique_ptr<Services>> {
    CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<DeviceQueues> devices, DeviceQueues::Open(options.devices));
    return std::unique_ptr<Services>(new Services(std::move(options), std::move(devices)));
  });
}

Services::Services(ServiceOptions options, std::unique_ptr<DeviceQueues> devices)
    : options_(std::move(options)),
      devices_(std::move(devices)),
      predictions_("predictions", kPredictionThreads, kPredictionCapacity),
      fitting_({*devices_, *options_.logger, options_.on_device_failure}),
      planning_(predictions_, BestVectorKernels(), *options_.logger) {}

void Services::Register(grpc::ServerBuilder& builder) {
  builder.RegisterService(&fitting_);
  builder.RegisterService(&planning_);
}

bool Services::Drain(absl::Duration grace) {
  const absl::Time deadline = absl::Now() + grace;
  devices_->Close();
  predictions_.Close();
  const bool finished = devices_->AwaitIdle(deadline) && predictions_.AwaitIdle(deadline);
  if (!finished) CancelAll();
  return finished;
}

void Services::CancelAll() {
  devices_->CancelAll();
  predictions_.CancelAll();
}

}  // namespace ctxfit
