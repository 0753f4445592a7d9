#include "server/services.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "kernels/base/available_cpus.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {
namespace {

constexpr std::size_t kPredictionCapacity = 1024;

// Enough to keep the machine busy with reading, and to answer small planning queries beside it.
int ReaderCount() { return std::max(2, AvailableCpus()); }

// Workers for large planning queries, each of which runs on its worker's thread alone.
int LargePredictionCount() { return std::max(2, AvailableCpus()); }

WorkQueueOptions ReaderOptions(const ServiceOptions& options) {
  return {"requests", ReaderCount(), options.devices.capacity + kPredictionCapacity, 0, 0, nullptr};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Services>> Services::Start(ServiceOptions options) {
  return CatchExceptions([&options]() -> absl::StatusOr<std::unique_ptr<Services>> {
    auto working = std::make_unique<WorkingMemory>(WorkMemory(options.memory_bytes));
    CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<DeviceQueues> devices, DeviceQueues::Open(options.devices, working.get()));
    return std::unique_ptr<Services>(new Services(std::move(options), std::move(working), std::move(devices)));
  });
}

Services::Services(ServiceOptions options, std::unique_ptr<WorkingMemory> working,
                   std::unique_ptr<DeviceQueues> devices)
    : options_(std::move(options)),
      memory_(RequestMemory(options_.memory_bytes)),
      working_(std::move(working)),
      fit_places_("fits", options_.devices.capacity),
      prediction_places_("predictions", kPredictionCapacity),
      devices_(std::move(devices)),
      predictions_({"predictions", LargePredictionCount(), kPredictionCapacity, 0, 0, working_.get()}),
      readers_(ReaderOptions(options_)),
      fitting_(
          {readers_, fit_places_, memory_, options_.limits, *devices_, *options_.logger, options_.on_device_failure}),
      planning_({readers_, predictions_, *working_, prediction_places_, memory_, options_.limits, BestVectorKernels(),
                 *options_.logger}) {}

void Services::Register(grpc::ServerBuilder& builder) {
  builder.RegisterService(&fitting_);
  builder.RegisterService(&planning_);
}

bool Services::Drain(absl::Duration grace) {
  const absl::Time deadline = absl::Now() + grace;
  // What has been admitted is read first, and may then still enter its queue.
  readers_.Close();
  bool finished = readers_.AwaitIdle(deadline);
  devices_->Close();
  predictions_.Close();
  finished = finished && devices_->AwaitIdle(deadline) && predictions_.AwaitIdle(deadline);
  if (!finished) CancelAll();
  return finished;
}

void Services::CancelAll() {
  readers_.CancelAll();
  devices_->CancelAll();
  predictions_.CancelAll();
}

std::size_t Services::JobCount() { return readers_.JobCount() + devices_->JobCount() + predictions_.JobCount(); }

ServiceCounts Services::Counts() const {
  ServiceCounts counts;
  counts.request_bytes = memory_.held();
  counts.request_bytes_limit = memory_.limit();
  counts.working_bytes = working_->used();
  counts.working_bytes_limit = working_->limit();
  counts.waiting_fits = fit_places_.taken();
  counts.waiting_fits_limit = fit_places_.capacity();
  counts.waiting_predictions = prediction_places_.taken();
  counts.waiting_predictions_limit = prediction_places_.capacity();
  counts.refused_for_memory = memory_.refused_count();
  counts.refused_fits_for_places = fit_places_.refused_count();
  counts.refused_predictions_for_places = prediction_places_.refused_count();
  return counts;
}

}  // namespace ctxfit
