#include "client/command/service_connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/text/flag_names.h"
#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {

absl::StatusOr<ServiceConnection> ServiceConnection::Open(const ConnectionOptions& options) {
  if (options.server.empty()) {
    CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<InProcessService> service, StartInProcessService());
    std::shared_ptr<grpc::Channel> channel = service->channel();
    return ServiceConnection(options, std::move(service), std::move(channel));
  }
  // Replicates of many tasks, or a million predictions, exceed gRPC's default limit of 4 MiB.
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  return ServiceConnection(options, nullptr,
                           grpc::CreateCustomChannel(options.server, grpc::InsecureChannelCredentials(), arguments));
}

ServiceConnection::ServiceConnection(ConnectionOptions options, std::unique_ptr<InProcessService> in_process,
                                     std::shared_ptr<grpc::Channel> channel)
    : options_(std::move(options)), in_process_(std::move(in_process)), channel_(std::move(channel)) {}

namespace {

// Reads a stream of progress messages to its end, and its result into `result`.
template <class Message, class Result>
grpc::Status ReadStream(grpc::ClientReader<Message>& reader,
                        const std::function<void(const v1::Progress&)>& on_progress, Result& result) {
  Message message;
  while (reader.Read(&message)) {
    if (message.has_progress()) on_progress(message.progress());
    if (message.has_result()) result = std::move(*message.mutable_result());
  }
  return reader.Finish();
}

}  // namespace

absl::StatusOr<v1::FitResponse> ServiceConnection::Fit(
    grpc::ClientContext& context, const v1::StreamFitRequest& request,
    const std::function<void(const v1::Progress&)>& on_progress) const {
  SetDeadline(context);
  const auto stub = v1::FittingService::NewStub(channel_);
  const auto reader = stub->StreamFit(&context, request);
  v1::FitResponse result;
  if (const grpc::Status status = ReadStream(*reader, on_progress, result); !status.ok()) return ToStatus(status);
  return result;
}

absl::StatusOr<v1::BacktestResponse> ServiceConnection::Backtest(
    grpc::ClientContext& context, const v1::BacktestRequest& request,
    const std::function<void(const v1::Progress&)>& on_progress) const {
  SetDeadline(context);
  const auto stub = v1::FittingService::NewStub(channel_);
  const auto reader = stub->StreamBacktest(&context, request);
  v1::BacktestResponse result;
  if (const grpc::Status status = ReadStream(*reader, on_progress, result); !status.ok()) return ToStatus(status);
  return result;
}

template <class Service, class Request, class Response>
absl::StatusOr<Response> ServiceConnection::Ask(grpc::Status (Service::*call)(grpc::ClientContext*, const Request&,
                                                                              Response*),
                                                grpc::ClientContext& context, const Request& request) const {
  SetDeadline(context);
  Response response;
  Service stub(channel_);
  const grpc::Status status = (stub.*call)(&context, request, &response);
  if (!status.ok()) return ToStatus(status);
  return response;
}

template <class Request, class Response>
absl::StatusOr<Response> ServiceConnection::Ask(grpc::Status (v1::PlanningService::Stub::*call)(grpc::ClientContext*,
                                                                                                const Request&,
                                                                                                Response*),
                                                const Request& request) const {
  grpc::ClientContext context;
  return Ask(call, context, request);
}

absl::StatusOr<v1::AblateResponse> ServiceConnection::Ablate(grpc::ClientContext& context,
                                                             const v1::AblateRequest& request) const {
  return Ask(&v1::FittingService::Stub::Ablate, context, request);
}

absl::StatusOr<v1::CompareResponse> ServiceConnection::Compare(grpc::ClientContext& context,
                                                               const v1::CompareRequest& request) const {
  return Ask(&v1::FittingService::Stub::Compare, context, request);
}

absl::StatusOr<v1::PredictResponse> ServiceConnection::Predict(const v1::PredictRequest& request) const {
  return Ask(&v1::PlanningService::Stub::Predict, request);
}

absl::StatusOr<v1::SolveResponse> ServiceConnection::Solve(const v1::SolveRequest& request) const {
  return Ask(&v1::PlanningService::Stub::Solve, request);
}

absl::StatusOr<v1::EvaluateResponse> ServiceConnection::Evaluate(const v1::EvaluateRequest& request) const {
  return Ask(&v1::PlanningService::Stub::Evaluate, request);
}

void ServiceConnection::SetDeadline(grpc::ClientContext& context) const {
  if (options_.timeout != absl::InfiniteDuration()) {
    context.set_deadline(absl::ToChronoTime(absl::Now() + options_.timeout));
  }
}

absl::Status ServiceConnection::ToStatus(const grpc::Status& status) const {
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  if (code == absl::StatusCode::kDeadlineExceeded && options_.timeout != absl::InfiniteDuration()) {
    return absl::Status(code, absl::StrCat("no answer within the ", absl::ToDoubleSeconds(options_.timeout),
                                           " s of --timeout: allow more time"));
  }
  if (code == absl::StatusCode::kUnavailable && !options_.server.empty()) {
    return absl::Status(code, absl::StrCat("no service at ", options_.server, ": ", status.error_message()));
  }
  return absl::Status(code, NameFlags(status.error_message()));
}

}  // namespace ctxfit
