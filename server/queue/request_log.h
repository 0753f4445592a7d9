#ifndef CTXFIT_SERVER_QUEUE_REQUEST_LOG_H_
#define CTXFIT_SERVER_QUEUE_REQUEST_LOG_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kernels/fit/trace_sink.h"

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

// A logger of lines of key=value pairs (logfmt) on standard error. `level` is one of spdlog's, as "info".
std::shared_ptr<spdlog::logger> MakeStderrLogger(const std::string& name, const std::string& level);

// The logger of a service inside another program: that of every level on standard error if the environment variable
// CTXFIT_TRACE is 1, and otherwise one that drops all lines.
std::shared_ptr<spdlog::logger> MakeInProcessLogger();

// Logs the lines of a fit's trace at the level `trace`. Empty if `logger`, which must outlive it, drops that level.
TraceSink MakeTraceSink(spdlog::logger& logger);

// Writes a line for a request that has been answered with `status`: a warning where the server is at fault. Throws
// nothing: for lack of memory the line is left out.
void LogRequest(spdlog::logger& logger, const RequestRecord& record, const absl::Status& status);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_REQUEST_LOG_H_
