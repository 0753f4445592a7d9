#include "server/services.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "kernels/base/available_cpus.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/logfmt.h"
#include "kernels/base/status_macros.h"
#include "kernels/objective/vector_kernels.h"
#include "server/observe/metrics.h"
#include "server/wire/version.h"

namespace ctxfit {
namespace {

constexpr std::size_t kPredictionCapacity = 1024;

// A queue's watcher comes round every 20 ms, and a stopped job ends within 100 ms: longer than any machine is busy.
constexpr absl::Duration kStuck = absl::Seconds(60);

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
      calls_(*options_.logger, options_.metrics, options_.log_labels),
      memory_(RequestMemory(options_.memory_bytes)),
      working_(std::move(working)),
      fit_places_("fits", options_.devices.capacity),
      prediction_places_("predictions", kPredictionCapacity),
      devices_(std::move(devices)),
      predictions_({"predictions", LargePredictionCount(), kPredictionCapacity, 0, 0, working_.get()}),
      readers_(ReaderOptions(options_)),
      fitting_({readers_, fit_places_, memory_, options_.limits, *devices_, *options_.logger,
                options_.on_device_failure, options_.log_labels}),
      planning_({readers_, predictions_, *working_, prediction_places_, memory_, options_.limits, BestVectorKernels()}),
      server_([this](v1::ServerInfoResponse& info) { Describe(info); }) {
  if (options_.metrics != nullptr) AddMetrics(*options_.metrics);
}

void Services::Register(grpc::ServerBuilder& builder) {
  calls_.Register(builder);
  builder.RegisterService(&fitting_);
  builder.RegisterService(&planning_);
  builder.RegisterService(&server_);
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
  calls_.StopWaiting();  // first, so that a shutdown in progress does not take the jobs' early end for a finish
  readers_.CancelAll();
  devices_->CancelAll();
  predictions_.CancelAll();
}

std::vector<Services::NamedQueue> Services::Queues() {
  std::vector<NamedQueue> queues;
  for (const std::unique_ptr<DeviceQueue>& device : devices_->queues()) {
    const bool is_cpu = queues.empty();
    queues.push_back({is_cpu ? "cpu" : absl::StrCat("cuda:", queues.size() - 1), device->queue()});
  }
  queues.push_back({"predictions", predictions_});
  queues.push_back({"readers", readers_});
  return queues;
}

std::vector<Check> Services::LivenessChecks() {
  std::vector<Check> checks;
  for (const NamedQueue& named : Queues()) {
    checks.push_back({"workers_" + named.name, [&queue = named.queue]() -> absl::Status {
                        const QueueState state = queue.State();
                        if (state.since_watched > kStuck) {
                          return absl::InternalError("the queue's watcher has not come round for a while");
                        }
                        if (state.longest_stopping > kStuck) {
                          return absl::InternalError("a worker goes on with a job that was stopped long ago");
                        }
                        return absl::OkStatus();
                      }});
  }
  return checks;
}

std::vector<Check> Services::ReadinessChecks() {
  const auto check = [](const std::string& name, const Places& places) -> Check {
    return {name, [&places]() -> absl::Status {
              if (places.taken() < places.capacity()) return absl::OkStatus();
              return absl::ResourceExhaustedError(absl::StrCat("full: ", places.taken(), " wait"));
            }};
  };
  return {check("queue_fits", fit_places_), check("queue_predictions", prediction_places_)};
}

std::vector<std::string> Services::Methods() {
  std::vector<std::string> methods;
  for (const char* name : {v1::FittingService::service_full_name(), v1::PlanningService::service_full_name(),
                           v1::ServerService::service_full_name()}) {
    const auto* const service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) {
      methods.push_back(absl::StrCat("/", name, "/", service->method(i)->name()));
    }
  }
  return methods;
}

void Services::Describe(v1::ServerInfoResponse& info) {
  info.set_version(Version());
  *info.mutable_start_time() = google::protobuf::util::TimeUtil::NanosecondsToTimestamp(absl::ToUnixNanos(start_));
  const std::vector<NamedQueue> queues = Queues();
  for (std::size_t i = 0; i < devices_->queues().size(); ++i) {
    const QueueState state = queues[i].queue.State();
    v1::Device& device = *info.add_devices();
    device.set_name(queues[i].name);
    device.set_description(devices_->queues()[i]->backend().Device());
    device.set_fits_at_once(options_.devices.fits_at_once);
    device.set_running_count(static_cast<std::int64_t>(state.running));
    device.set_waiting_count(static_cast<std::int64_t>(state.waiting));
  }
  info.mutable_limits()->set_max_message_bytes(options_.max_message_bytes);
  info.mutable_limits()->set_queue_capacity(static_cast<std::int64_t>(options_.devices.capacity));
  info.mutable_limits()->set_planning_queue_capacity(static_cast<std::int64_t>(kPredictionCapacity));
  info.mutable_limits()->set_memory_bytes(options_.memory_bytes);
  info.mutable_limits()->set_max_cpu_seconds(options_.limits.max_cpu_seconds);
  if (options_.limits.max_deadline < absl::InfiniteDuration()) {
    *info.mutable_limits()->mutable_max_deadline() =
        google::protobuf::util::TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(options_.limits.max_deadline));
  }
}

void Services::AddAdmissionMetrics(Metrics& metrics) {
  const auto add = [&metrics](const std::string& name, const std::string& help, const prometheus::Labels& labels,
                              auto value) {
    metrics.AddGauge(name, help, labels, [value = std::move(value)] { return static_cast<double>(value()); });
  };
  for (const Places* places : {&fit_places_, &prediction_places_}) {
    const prometheus::Labels labels = {{"of", places->name()}};
    add("ctxfit_places_taken", "Calls that have a place and wait.", labels, [places] { return places->taken(); });
    add("ctxfit_places", "Calls that may wait at a time.", labels, [places] { return places->capacity(); });
  }
  const char* const held = "Memory that is reserved for requests and answers, and for work, by estimate.";
  add("ctxfit_memory_bytes", held, {{"for", "requests"}}, [this] { return memory_.held(); });
  add("ctxfit_memory_bytes", held, {{"for", "work"}}, [this] { return working_->used(); });
  const char* const limit = "Memory that may be reserved.";
  add("ctxfit_memory_limit_bytes", limit, {{"for", "requests"}}, [this] { return memory_.limit(); });
  add("ctxfit_memory_limit_bytes", limit, {{"for", "work"}}, [this] { return working_->limit(); });
}

void Services::AddMetrics(Metrics& metrics) {
  AddAdmissionMetrics(metrics);
  for (const NamedQueue& named : Queues()) {
    const auto add = [&](const std::string& name, const std::string& help, auto value) {
      metrics.AddGauge(name, help, {{"queue", named.name}},
                       [&queue = named.queue, value] { return static_cast<double>(value(queue.State())); });
    };
    add("ctxfit_queue_waiting", "Requests that wait for a worker.", [](const QueueState& q) { return q.waiting; });
    add("ctxfit_queue_running", "Requests that workers run.", [](const QueueState& q) { return q.running; });
    add("ctxfit_queue_capacity", "Requests that may wait at a time.", [](const QueueState& q) { return q.capacity; });
  }
  metrics.AddGauge("ctxfit_open_calls", "Calls that have arrived and whose answer has not been written.", {},
                   [this] { return static_cast<double>(calls_.OpenCount()); });
  const std::vector<std::unique_ptr<DeviceQueue>>& devices = devices_->queues();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    metrics.AddGauge("ctxfit_device_info", "Devices that fits run on.",
                     {{"queue", Queues()[i].name}, {"device", Escaped(devices[i]->backend().Device())}},
                     [] { return 1.0; });
  }
}

}  // namespace ctxfit
