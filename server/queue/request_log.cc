#include "server/queue/request_log.h"

#include <spdlog/spdlog.h>

namespace ctxfit {
namespace {

bool IsServerFault(const absl::Status& status) {
  return absl::IsInternal(status) || absl::IsResourceExhausted(status) || absl::IsUnknown(status);
}

// Escapes a message to stand between quotation marks in a log line.
std::string Quoted(absl::string_view text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted;
}

}  // namespace

void LogRequest(spdlog::logger& logger, const RequestRecord& record, const absl::Status& status) {
  logger.log(IsServerFault(status) ? spdlog::level::warn : spdlog::level::info,
             "method={} backend={} rows={} tasks={} queued_ms={:.1f} ran_ms={:.1f} status={} message=\"{}\"",
             record.method, record.backend, record.rows, record.tasks, absl::ToDoubleMilliseconds(record.queued),
             absl::ToDoubleMilliseconds(record.ran), absl::StatusCodeToString(status.code()), Quoted(status.message()));
}

}  // namespace ctxfit
