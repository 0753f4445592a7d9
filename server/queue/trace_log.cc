#include "server/queue/trace_log.h"

#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstddef>
#include <cstdlib>
#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {
namespace {

// Returns a line of a trace with "..." for the name of its task, unless that is empty.
std::string WithoutTask(const std::string& line) {
  constexpr absl::string_view kKey = " task=\"";
  const std::size_t key = line.find(kKey.data(), 0, kKey.size());
  if (key == std::string::npos) return line;
  const std::size_t begin = key + kKey.size();
  std::size_t end = begin;
  while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
  if (end == begin || end >= line.size()) return line;
  return line.substr(0, begin) + "..." + line.substr(end);
}

}  // namespace

std::shared_ptr<spdlog::logger> MakeInProcessLogger() {
  const char* const trace = std::getenv("CTXFIT_TRACE");
  if (trace == nullptr || absl::string_view(trace) != "1") {
    return std::make_shared<spdlog::logger>("in-process", std::make_shared<spdlog::sinks::null_sink_mt>());
  }
  auto logger = std::make_shared<spdlog::logger>("in-process", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::info);
  logger->set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  return logger;
}

TraceSink MakeTraceSink(spdlog::logger& logger, bool log_labels) {
  if (!logger.should_log(spdlog::level::trace)) return {};
  if (log_labels) return [&logger](const std::string& line) { logger.trace(line); };
  return [&logger](const std::string& line) { logger.trace(WithoutTask(line)); };
}

}  // namespace ctxfit
