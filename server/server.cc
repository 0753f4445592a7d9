#include "server/server.h"

#include <grpcpp/ext/channelz_service_plugin.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Time that gRPC has to flush the last answers and what says that the connection ends.
constexpr std::chrono::milliseconds kFlushTime(500);

// Pings of clients that come more often are answered by an end of the connection.
constexpr int kShortestPingIntervalMs = 10'000;

std::string Address(const ServerOptions& options) {
  if (!options.unix_path.empty()) return absl::StrCat("unix:", options.unix_path);
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  return is_ipv6 ? absl::StrCat("[", options.host, "]:", options.port) : absl::StrCat(options.host, ":", options.port);
}

int Milliseconds(absl::Duration duration) {
  if (duration == absl::ZeroDuration()) return INT_MAX;  // gRPC's "never"
  return static_cast<int>(std::min<std::int64_t>(absl::ToInt64Milliseconds(duration), INT_MAX));
}

void LimitConnections(const ConnectionOptions& options, grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kShortestPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Milliseconds(options.max_idle));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(options.max_age));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Milliseconds(options.max_age_grace));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams);
}

// Bounds the memory of requests under way, of which the services do not know yet. gRPC 1.51 tells nobody how large a
// request will be before it is there, so this is a fence only: gRPC itself ends calls with RESOURCE_EXHAUSTED at it.
void LimitReceiving(std::int64_t memory_bytes, grpc::ServerBuilder& builder) {
  if (memory_bytes < std::numeric_limits<std::int64_t>::max()) {
    grpc::ResourceQuota quota("requests");
    quota.Resize(static_cast<std::size_t>(RequestMemory(memory_bytes)));
    builder.SetResourceQuota(quota);
  }
  // gRPC inflates a message before it looks at its size: 364 KiB can hold 244 MiB.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
}

// gRPC takes a Unix socket from a server that lives: asks whether there is one.
bool IsTaken(const std::string& unix_path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (unix_path.empty() || unix_path.size() >= sizeof(address.sun_path)) return false;
  unix_path.copy(address.sun_path, unix_path.size());
  const int probe = socket(AF_UNIX, SOCK_STREAM, 0);
  const bool taken = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(probe);
  return taken;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, ServiceOptions service_options) {
  const std::int64_t memory_bytes = service_options.memory_bytes;
  const auto max_message_bytes =
      static_cast<int>(std::min<std::int64_t>(options.max_message_bytes, LargestRequest(memory_bytes)));
  service_options.max_message_bytes = max_message_bytes;
  CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<Services> services, Services::Start(std::move(service_options)));
  std::unique_ptr<Server> server(new Server(options, std::move(services)));

  if (options.channelz) grpc::channelz::experimental::InitChannelzService();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  // Without this, two servers on one port would silently share its connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(max_message_bytes);
  LimitReceiving(memory_bytes, builder);
  LimitConnections(options.connections, builder);
  const std::string address = Address(options);
  int bound = 0;  // the port, or 1 for a Unix socket
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &bound);
  server->services_->Register(builder);
  if (!IsTaken(options.unix_path)) server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || bound == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": is the port taken?"));
  }
  if (options.unix_path.empty()) server->port_ = bound;
  grpc::HealthCheckServiceInterface* health = server->server_->GetHealthCheckService();
  health->SetServingStatus(v1::FittingService::service_full_name(), true);
  health->SetServingStatus(v1::PlanningService::service_full_name(), true);
  return server;
}

std::string Server::LocalAddress() const {
  ServerOptions local = options_;
  local.port = port_;
  if (local.host == "0.0.0.0") local.host = "127.0.0.1";
  if (local.host == "::") local.host = "::1";
  return Address(local);
}

void Server::ReportUnhealthy() { server_->GetHealthCheckService()->SetServingStatus(false); }

bool Server::Shutdown(absl::Duration grace) {
  const absl::Time deadline = absl::Now() + grace;
  ReportUnhealthy();
  const bool finished = services_->Drain(grace) && services_->AwaitAnswers(deadline);
  server_->Shutdown(std::chrono::system_clock::now() + kFlushTime);
  server_->Wait();
  return finished;
}

}  // namespace ctxfit
