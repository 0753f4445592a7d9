#include "server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Time that gRPC has to flush answers before it closes connections.
constexpr std::chrono::milliseconds kFlushTime(500);

std::string Address(const ServerOptions& options) {
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  return is_ipv6 ? absl::StrCat("[", options.host, "]:", options.port) : absl::StrCat(options.host, ":", options.port);
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

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, ServiceOptions service_options) {
  const std::int64_t memory_bytes = service_options.memory_bytes;
  CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<Services> services, Services::Start(std::move(service_options)));
  std::unique_ptr<Server> server(new Server(std::move(services)));

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  // Without this, two servers on one port would silently share its connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(
      static_cast<int>(std::min<std::int64_t>(options.max_message_bytes, LargestRequest(memory_bytes))));
  LimitReceiving(memory_bytes, builder);
  const std::string address = Address(options);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &server->port_);
  server->services_->Register(builder);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || server->port_ == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": is the port taken?"));
  }
  grpc::HealthCheckServiceInterface* health = server->server_->GetHealthCheckService();
  health->SetServingStatus(v1::FittingService::service_full_name(), true);
  health->SetServingStatus(v1::PlanningService::service_full_name(), true);
  return server;
}

void Server::ReportUnhealthy() { server_->GetHealthCheckService()->SetServingStatus(false); }

bool Server::Shutdown(absl::Duration grace) {
  ReportUnhealthy();
  const bool finished = services_->Drain(grace);
  server_->Shutdown(std::chrono::system_clock::now() + kFlushTime);
  server_->Wait();
  return finished;
}

}  // namespace ctxfit
