#include "server/queue/request_log.h"

#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

#include "absl/strings/string_view.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/logfmt.h"

namespace ctxfit {
namespace {

bool IsServerFault(const absl::Status& status) {
  return absl::IsInternal(status) || absl::IsResourceExhausted(status) || absl::IsUnknown(status);
}

}  // namespace

std::shared_ptr<spdlog::logger> MakeStderrLogger(const std::string& name, const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  logger->set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  return logger;
}

std::shared_ptr<spdlog::logger> MakeInProcessLogger() {
  const char* const trace = std::getenv("CTXFIT_TRACE");
  if (trace != nullptr && absl::string_view(trace) == "1") return MakeStderrLogger("in-process", "trace");
  return std::make_shared<spdlog::logger>("in-process", std::make_shared<spdlog::sinks::null_sink_mt>());
}

TraceSink MakeTraceSink(spdlog::logger& logger) {
  if (!logger.should_log(spdlog::level::trace)) return {};
  return [&logger](const std::string& line) { logger.trace(line); };
}

void LogRequest(spdlog::logger& logger, const RequestRecord& record, const absl::Status& status) {
  CatchExceptions([&] {
    logger.log(IsServerFault(status) ? spdlog::level::warn : spdlog::level::info,
               "method={} backend={} rows={} tasks={} queued_ms={:.1f} ran_ms={:.1f} status={} message={}",
               record.method, record.backend, record.rows, record.tasks, absl::ToDoubleMilliseconds(record.queued),
               absl::ToDoubleMilliseconds(record.ran), absl::StatusCodeToString(status.code()),
               LogfmtQuoted(status.message()));
    return absl::OkStatus();
  }).IgnoreError();
}

}  // namespace ctxfit
