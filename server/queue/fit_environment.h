#ifndef CTXFIT_SERVER_QUEUE_FIT_ENVIRONMENT_H_
#define CTXFIT_SERVER_QUEUE_FIT_ENVIRONMENT_H_

#include <functional>

#include "absl/status/status.h"
#include "server/queue/arrival.h"

namespace spdlog {
class logger;
}

namespace ctxfit {

class DeviceQueues;
class WorkQueue;

// The server as jobs see it.
struct FitEnvironment {
  WorkQueue& readers;  // reads requests
  Places& places;
  MemoryBudget& memory;
  CallLimits limits;
  DeviceQueues& devices;
  spdlog::logger& logger;
  // Called where a GPU has failed for good, see IsDeviceFailure(): the process should end and be started again.
  std::function<void(const absl::Status&)> on_device_failure;
  bool log_labels = false;  // whether users' names of tasks may stand in the trace
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_FIT_ENVIRONMENT_H_
