#include "server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
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

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, ServiceOptions service_options) {
  CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<Services> services, Services::Start(std::move(service_options)));
  std::unique_ptr<Server> server(new Server(std::move(services)));

  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  // Without this, two servers on one port would silently share its connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
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
