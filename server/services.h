#ifndef CTXFIT_SERVER_SERVICES_H_
#define CTXFIT_SERVER_SERVICES_H_

#include <grpcpp/server_builder.h>

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/fitting_service.h"
#include "server/planning_service.h"
#include "server/queue/device_queues.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

// Options for the services of a process.
struct ServiceOptions {
  DeviceQueueOptions devices;
  std::shared_ptr<spdlog::logger> logger;  // required
  // Called once, from any thread, if a GPU has failed for good.
  std::function<void(const absl::Status&)> on_device_failure = [](const absl::Status&) {};
};

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

 private:
  Services(ServiceOptions options, std::unique_ptr<DeviceQueues> devices);

  const ServiceOptions options_;
  const std::unique_ptr<DeviceQueues> devices_;
  WorkQueue predictions_;
  FittingServiceImpl fitting_;
  PlanningServiceImpl planning_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_SERVICES_H_
