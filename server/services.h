#ifndef CTXFIT_SERVER_SERVICES_H_
#define CTXFIT_SERVER_SERVICES_H_

#include <grpcpp/server_builder.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/fitting_service.h"
#include "server/observe/calls.h"
#include "server/observe/checks.h"
#include "server/planning_service.h"
#include "server/queue/arrival.h"
#include "server/queue/device_queues.h"
#include "server/queue/memory_budget.h"
#include "server/queue/places.h"
#include "server/queue/work_queue.h"
#include "server/server_info.h"

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
  Metrics* metrics = nullptr;          // must outlive the services; null for none
  bool log_labels = false;             // whether texts of users, as names of tasks, are logged
  std::int64_t max_message_bytes = 0;  // as ServerInfo reports it
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

  // Waits until the answers of all calls have been written, up to `deadline` or CancelAll(). Returns true if they have,
  // without a CancelAll().
  bool AwaitAnswers(absl::Time deadline) { return calls_.AwaitNone(deadline); }

  // Stops every request, and the wait for answers. Does not wait.
  void CancelAll();

  // True if no call is open.
  bool IsIdle() { return calls_.OpenCount() == 0; }

  // Checks that fail where a restart would help, and those that fail where another server should be asked.
  std::vector<Check> LivenessChecks();
  std::vector<Check> ReadinessChecks();

  // The rpcs of all services, as "/ctxfit.v1.FittingService/Fit".
  static std::vector<std::string> Methods();

 private:
  Services(ServiceOptions options, std::unique_ptr<WorkingMemory> working, std::unique_ptr<DeviceQueues> devices);

  const ServiceOptions options_;
  const absl::Time start_ = absl::Now();
  // A queue with its name in metrics and checks: "cpu", "cuda:0", "predictions", "readers".
  struct NamedQueue {
    std::string name;
    WorkQueue& queue;
  };
  std::vector<NamedQueue> Queues();
  void AddMetrics(Metrics& metrics);
  void AddAdmissionMetrics(Metrics& metrics);
  void Describe(v1::ServerInfoResponse& info);

  Calls calls_;
  MemoryBudget memory_;
  const std::unique_ptr<WorkingMemory> working_;
  Places fit_places_;
  Places prediction_places_;
  const std::unique_ptr<DeviceQueues> devices_;
  WorkQueue predictions_;
  WorkQueue readers_;  // ends before the queues that it fills
  FittingServiceImpl fitting_;
  PlanningServiceImpl planning_;
  ServerServiceImpl server_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_SERVICES_H_
