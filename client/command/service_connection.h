#ifndef CTXFIT_CLIENT_COMMAND_SERVICE_CONNECTION_H_
#define CTXFIT_CLIENT_COMMAND_SERVICE_CONNECTION_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "ctxfit/v1/planning_service.grpc.pb.h"
#include "ctxfit/v1/planning_service.pb.h"
#include "server/in_process.h"

namespace ctxfit {

// Address of the service, and how long to wait for it.
struct ConnectionOptions {
  std::string server;                                 // HOST:PORT; "" runs the service inside this process
  absl::Duration timeout = absl::InfiniteDuration();  // per call
};

// Connection to the fitting and planning services, remote or in this process. Calls return the service's errors
// in the words of the command line (NameFlags()); UNAVAILABLE names the server that could not be reached, and
// DEADLINE_EXCEEDED the flag that set the deadline.
class ServiceConnection {
 public:
  static absl::StatusOr<ServiceConnection> Open(const ConnectionOptions& options);

  // Fits, calling `on_progress` for each progress message. `context` must be new; another thread may cancel it.
  absl::StatusOr<v1::FitResponse> Fit(grpc::ClientContext& context, const v1::StreamFitRequest& request,
                                      const std::function<void(const v1::Progress&)>& on_progress) const;

  // Backtests, calling `on_progress` for each progress message. `context` must be new; another thread may cancel it.
  absl::StatusOr<v1::BacktestResponse> Backtest(grpc::ClientContext& context, const v1::BacktestRequest& request,
                                                const std::function<void(const v1::Progress&)>& on_progress) const;

  // Make one call each. `context` must be new; another thread may cancel it.
  absl::StatusOr<v1::AblateResponse> Ablate(grpc::ClientContext& context, const v1::AblateRequest& request) const;
  absl::StatusOr<v1::CompareResponse> Compare(grpc::ClientContext& context, const v1::CompareRequest& request) const;

  absl::StatusOr<v1::PredictResponse> Predict(const v1::PredictRequest& request) const;
  absl::StatusOr<v1::SolveResponse> Solve(const v1::SolveRequest& request) const;
  absl::StatusOr<v1::EvaluateResponse> Evaluate(const v1::EvaluateRequest& request) const;

 private:
  ServiceConnection(ConnectionOptions options, std::unique_ptr<InProcessService> in_process,
                    std::shared_ptr<grpc::Channel> channel);

  // Makes a unary call.
  template <class Service, class Request, class Response>
  absl::StatusOr<Response> Ask(grpc::Status (Service::*call)(grpc::ClientContext*, const Request&, Response*),
                               grpc::ClientContext& context, const Request& request) const;

  // Makes a unary call of the planning service, with a context of its own.
  template <class Request, class Response>
  absl::StatusOr<Response> Ask(grpc::Status (v1::PlanningService::Stub::*call)(grpc::ClientContext*, const Request&,
                                                                               Response*),
                               const Request& request) const;

  void SetDeadline(grpc::ClientContext& context) const;
  absl::Status ToStatus(const grpc::Status& status) const;

  ConnectionOptions options_;
  std::unique_ptr<InProcessService> in_process_;  // outlives the channel
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_SERVICE_CONNECTION_H_
