#ifndef CTXFIT_SERVER_OBSERVE_PROCESS_LOG_H_
#define CTXFIT_SERVER_OBSERVE_PROCESS_LOG_H_

#include <cstdint>
#include <memory>
#include <string>

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace ctxfit {

class PipeSink;

// The log of a process: lines of key=value pairs (logfmt) on standard error, from a queue of 1024 lines and a thread of
// its own, so that a reader that stalls or is gone holds up no one. What does not fit pushes out the oldest line, is
// counted, and is named in a line of its own once the reader goes on. gRPC's own log lines go the same way, as
// `event=grpc`; those of glog, by which Ceres writes users' numbers, go nowhere. One at a time.
class ProcessLog {
 public:
  // `level` is one of spdlog's, as "info".
  ProcessLog(const std::string& name, const std::string& level);

  // Writes what is left, for two seconds at most. Nothing may be logged any more.
  ~ProcessLog();

  const std::shared_ptr<spdlog::logger>& logger() const { return logger_; }

  // Lines that were dropped or could not be written. Safe from any thread.
  std::int64_t Dropped() const;

 private:
  std::shared_ptr<spdlog::details::thread_pool> thread_;
  std::shared_ptr<PipeSink> sink_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_PROCESS_LOG_H_
