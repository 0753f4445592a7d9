#ifndef CTXFIT_SERVER_SERVER_H_
#define CTXFIT_SERVER_SERVER_H_

#include <grpcpp/server.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/services.h"

namespace ctxfit {

// When connections end, and what they may carry. Zero seconds: never.
struct ConnectionOptions {
  absl::Duration keepalive_time = absl::Seconds(60);     // without a sign of life before a ping is sent
  absl::Duration keepalive_timeout = absl::Seconds(20);  // for its answer before the connection is closed
  absl::Duration max_idle = absl::Minutes(30);           // without a call
  absl::Duration max_age = absl::Minutes(60);            // then clients connect anew, perhaps to another server
  absl::Duration max_age_grace = absl::Hours(24);        // that calls on an aged connection get to finish
  int max_streams = 1024;                                // calls at a time; the next one waits in its client
};

// The address and limits of a server.
struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 8431;        // 0: any free one
  std::string unix_path;  // listens on this socket instead; "" for TCP
  // Largest request; larger ones are RESOURCE_EXHAUSTED. A server of little memory takes no more than LargestRequest().
  int max_message_bytes = 256 << 20;
  ConnectionOptions connections;
  bool channelz = false;  // serve grpc.channelz.v1, which tells of connections and calls
};

// The largest request that a server of that memory can read: twice its size is half of what requests may hold.
inline std::int64_t LargestRequest(std::int64_t memory_bytes) { return RequestMemory(memory_bytes) / 4; }

// Serves the services on a port, with server reflection and the standard health service. The overall health and that of
// each service are SERVING from Start to Shutdown.
class Server {
 public:
  // Listens and serves. UNAVAILABLE where the port cannot be had: another process holds it, say.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, ServiceOptions service_options);

  // Returns the port it listens on; 0 for a Unix socket.
  int port() const { return port_; }

  // Returns where a client on this machine reaches it: "127.0.0.1:8431", "unix:/run/ctxfit.sock".
  std::string LocalAddress() const;

  Services& services() { return *services_; }

  // Drains and stops: health turns to NOT_SERVING and new requests get UNAVAILABLE. Running ones, and the writing of
  // answers to slow readers, have `grace` to finish; then they are cancelled. Waits. Returns true if all finished in
  // time, and none was cancelled.
  bool Shutdown(absl::Duration grace);

  // Cuts short a Shutdown in progress. Safe from any thread.
  void CancelAll() { services_->CancelAll(); }

  // Turns health to NOT_SERVING.
  void ReportUnhealthy();

 private:
  Server(ServerOptions options, std::unique_ptr<Services> services)
      : options_(std::move(options)), services_(std::move(services)) {}

  const ServerOptions options_;
  const std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_SERVER_H_
