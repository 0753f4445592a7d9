#ifndef CTXFIT_SERVER_SERVER_H_
#define CTXFIT_SERVER_SERVER_H_

#include <grpcpp/server.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/services.h"

namespace ctxfit {

// The address and limits of a server.
struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 8431;  // 0: any free one
  // Largest request; larger ones are RESOURCE_EXHAUSTED. A server of little memory takes no more than LargestRequest().
  int max_message_bytes = 256 << 20;
};

// The largest request that a server of that memory can read: twice its size is half of what requests may hold.
inline std::int64_t LargestRequest(std::int64_t memory_bytes) { return RequestMemory(memory_bytes) / 4; }

// Serves the services on a port, with server reflection and the standard health service. The overall health and that of
// each service are SERVING from Start to Shutdown.
class Server {
 public:
  // Listens and serves. UNAVAILABLE where the port cannot be had: another process holds it, say.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, ServiceOptions service_options);

  // Returns the port it listens on.
  int port() const { return port_; }

  // Drains and stops: health turns to NOT_SERVING, new requests get UNAVAILABLE, and running ones are cancelled once
  // `grace` has passed. Waits. Returns true if all finished in time.
  bool Shutdown(absl::Duration grace);

  // Returns the number of requests that wait or run.
  std::size_t JobCount() { return services_->JobCount(); }

  // Cuts short a Shutdown in progress. Safe from any thread.
  void CancelAll() { services_->CancelAll(); }

  // Turns health to NOT_SERVING.
  void ReportUnhealthy();

 private:
  explicit Server(std::unique_ptr<Services> services) : services_(std::move(services)) {}

  const std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_SERVER_H_
