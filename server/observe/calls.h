#ifndef CTXFIT_SERVER_OBSERVE_CALLS_H_
#define CTXFIT_SERVER_OBSERVE_CALLS_H_

#include <grpcpp/server_builder.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "absl/time/time.h"
#include "server/observe/call_record.h"

namespace spdlog {
class logger;
}

namespace ctxfit {

class Metrics;

// Sees every call on the services of ctxfit.v1 from its arrival to the moment that its answer has been written or given
// up, whichever service answers it and whatever becomes of it: gRPC itself reports it, by an interceptor. Each is
// logged in one line, counted in the metrics, and sent back its request id. Thread-safe.
class Calls {
 public:
  // `metrics` may be null. `log_labels`: whether texts of users, as the names of tasks in error messages, are logged.
  Calls(spdlog::logger& logger, Metrics* metrics, bool log_labels)
      : logger_(logger), metrics_(metrics), log_labels_(log_labels) {}

  // Has the calls of a server under construction reported. The server must be destroyed before this object.
  void Register(grpc::ServerBuilder& builder);

  // Waits until no call is open, `deadline` has passed or StopWaiting() was called. Returns true if none is open and
  // StopWaiting() was not called.
  bool AwaitNone(absl::Time deadline);
  void StopWaiting();

  std::int64_t OpenCount();

 private:
  class ContextAllocator;
  class Interceptor;
  class InterceptorFactory;

  void Begin();
  void End(const CallContext& context);
  void Log(const CallRecord& call, const RequestRecord& request);

  spdlog::logger& logger_;
  Metrics* const metrics_;
  const bool log_labels_;
  std::mutex mutex_;
  std::condition_variable none_;
  std::int64_t open_ = 0;  // guarded by mutex_, as is the next one
  bool waits_no_more_ = false;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_CALLS_H_
