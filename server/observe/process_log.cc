#include "server/observe/process_log.h"

#include <fcntl.h>
#include <glog/logging.h>
#include <grpc/support/log.h>
#include <spdlog/async.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <utility>

#include "absl/time/time.h"
#include "kernels/base/logfmt.h"
#include "server/observe/pipe_sink.h"

namespace ctxfit {
namespace {

constexpr std::size_t kQueuedLines = 1024;
constexpr absl::Duration kPatienceAtTheEnd = absl::Seconds(2);
constexpr std::size_t kLongestText = 300;

// gRPC calls a plain function.
std::atomic<spdlog::logger*> log_of_grpc{nullptr};

// Opens the standard streams that this process was started without: the next socket would take the place of standard
// error, and a client would get the log.
int StandardError() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) < 0) open("/dev/null", O_RDWR);  // takes the lowest free number, which is `stream`
  }
  return STDERR_FILENO;
}

void LogForGrpc(gpr_log_func_args* line) {
  spdlog::logger* const logger = log_of_grpc;
  if (logger == nullptr) return;
  logger->log(line->severity == GPR_LOG_SEVERITY_ERROR ? spdlog::level::warn : spdlog::level::debug,
              "event=grpc message={}", LogfmtQuoted(Shortened(line->message, kLongestText)));
}

}  // namespace

ProcessLog::ProcessLog(const std::string& name, const std::string& level)
    : thread_(std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1)),
      sink_(std::make_shared<PipeSink>(
          StandardError(), [queue = thread_.get()] { return static_cast<std::int64_t>(queue->overrun_counter()); })),
      logger_(
          std::make_shared<spdlog::async_logger>(name, sink_, thread_, spdlog::async_overflow_policy::overrun_oldest)) {
  logger_->set_level(spdlog::level::from_str(level));
  logger_->set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
  logger_->set_error_handler([](const std::string&) {});  // by default it writes to standard error, and may block
  FLAGS_minloglevel = google::GLOG_FATAL;
  log_of_grpc = logger_.get();
  gpr_set_log_function(LogForGrpc);
}

ProcessLog::~ProcessLog() {
  log_of_grpc = nullptr;
  sink_->Close(kPatienceAtTheEnd);
  logger_.reset();
  thread_.reset();
}

std::int64_t ProcessLog::Dropped() const {
  return static_cast<std::int64_t>(thread_->overrun_counter()) + sink_->lost();
}

}  // namespace ctxfit
