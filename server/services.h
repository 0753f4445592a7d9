#ifndef CTXFIT_SERVER_SERVICES_H_
#define CTXFIT_SERVER_SERVICES_H_

#include <grpcpp/server_builder.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/fitting_service.h"
#include "server/planning_service.h"
#include "server/queue/arrival.h"
#include "server/queue/device_queues.h"
#include "server/queue/memory_budget.h"
#include "server/queue/places.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

// Options for the services of a process.
struct ServiceOptions {
  DeviceQueueOptions devices;
  // Memory for all requests together, from their arrival to their answer, work included. Default: unlimited.
  std::int64_t memory_bytes = std::numeric_limits<std::int64_t>::max();
  CallLimits limits;
  std::shared_ptr<spdlog::logger> logger;  // required
  // Called once, from any thread, if a GPU has failed for good.
  std::function<void(const absl::Status&)> on_device_failure = [](const absl::Status&) {};
};

// What the services hold and have refused, for whoever watches them.
struct ServiceCounts {
  std::int64_t request_bytes = 0;  // received, waiting, running and answered
  std::int64_t request_bytes_limit = 0;
  std::int64_t working_bytes = 0;  // estimates of what runs
  std::int64_t working_bytes_limit = 0;
  std::int64_t waiting_fits = 0;
  std::int64_t waiting_fits_limit = 0;
  std::int64_t waiting_predictions = 0;
  std::int64_t waiting_predictions_limit = 0;
  std::int64_t refused_for_memory = 0;
  std::int64_t refused_fits_for_places = 0;
  std::int64_t refused_predictions_for_places = 0;
};

// The part of a server's memory that requests may hold, and the part that their work may take in addition.
inline std::int64_t RequestMemory(std::int64_t memory_bytes) { return memory_bytes / 4; }
inline std::int64_t WorkMemory(std::int64_t memory_bytes) { return memory_bytes - RequestMemory(memory_bytes); }

// Both services with their workers, as ctxfitd and the command line's own process run them.
class Services {
 public:
  // Opens the devices and starts the workers. Errors: those of a GPU that does not open, and those of
  // CatchExceptions(): the system may refuse a thread.
  static absl::StatusOr<std::unique_ptr<Services>> Start(ServiceOptions options);

  // Adds the services to a server under construction, which must be destroyed before them.
  void Register(grpc::ServerBuilder& builder);

  // Admits no more requests, waits up to `grace` for those admitted, and cancels the rest. Returns true if all finished
  // in time.
  bool Drain(absl::Duration grace);

  // Stops every request. Does not wait.
  void CancelAll();

  // Returns the number of requests that wait or run.
  std::size_t JobCount();

  ServiceCounts Counts() const;

 private:
  Services(ServiceOptions options, std::unique_ptr<WorkingMemory> working, std::unique_ptr<DeviceQueues> devices);

  const ServiceOptions options_;
  MemoryBudget memory_;
  const std::unique_ptr<WorkingMemory> working_;
  Places fit_places_;
  Places prediction_places_;
  const std::unique_ptr<DeviceQueues> devices_;
  WorkQueue predictions_;
  WorkQueue readers_;  // ends before the queues that it fills
  FittingServiceImpl fitting_;
  PlanningServiceImpl planning_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_SERVICES_H_
