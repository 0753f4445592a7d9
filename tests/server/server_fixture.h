#ifndef CTXFIT_TESTS_SERVER_SERVER_FIXTURE_H_
#define CTXFIT_TESTS_SERVER_SERVER_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "ctxfit/v1/planning_service.grpc.pb.h"
#include "server/queue/trace_log.h"
#include "server/server.h"
#include "tests/hang_guard.h"
#include "tests/server/running_fit.h"

namespace ctxfit {

// A server on a loopback port of its own, and a client of it.
class ServerTest : public testing::Test {
 protected:
  ServerTest() { StartServer({}, 8); }

  // Replaces the server that runs.
  void StartServer(ServerOptions options, std::size_t queue_capacity, int fits_at_once = 1) {
    ServiceOptions services;
    services.devices.fits_at_once = fits_at_once;
    services.devices.short_fits_at_once = 0;
    services.devices.capacity = queue_capacity;
    StartServer(options, std::move(services));
  }

  void StartServer(ServerOptions options, ServiceOptions services) {
    server_.reset();
    options.port = 0;
    services.logger = MakeInProcessLogger();
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(options, std::move(services));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    address_ = "127.0.0.1:" + std::to_string(server_->port());
    fitting_ = v1::FittingService::NewStub(Connect());
    planning_ = v1::PlanningService::NewStub(Connect());
  }

  std::shared_ptr<grpc::Channel> Connect() const {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
  }

  grpc::Status Fit(const v1::FitRequest& request, v1::FitResponse* response) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kHangGuard));
    return fitting_->Fit(&context, request, response);
  }

  grpc::Status Fit(const v1::FitRequest& request) {
    v1::FitResponse response;
    return Fit(request, &response);
  }

  std::unique_ptr<Server> server_;
  std::string address_;
  std::unique_ptr<v1::FittingService::Stub> fitting_;
  std::unique_ptr<v1::PlanningService::Stub> planning_;
};

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_SERVER_FIXTURE_H_
