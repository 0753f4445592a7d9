#ifndef CTXFIT_SERVER_QUEUE_REQUEST_LOG_H_
#define CTXFIT_SERVER_QUEUE_REQUEST_LOG_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace spdlog {
class logger;
}

namespace ctxfit {

// One request as it is logged.
struct RequestRecord {
  std::string method;     // "Fit"
  std::string backend;    // "" where none was chosen
  std::int64_t rows = 0;  // observations, or points
  std::int64_t tasks = 0;
  absl::Duration queued;
  absl::Duration ran;
};

// Writes a line for a request that has been answered with `status`: a warning where the server is at fault.
void LogRequest(spdlog::logger& logger, const RequestRecord& record, const absl::Status& status);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_REQUEST_LOG_H_
