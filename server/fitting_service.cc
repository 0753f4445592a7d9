#include "server/fitting_service.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "server/answer/fit_answer.h"
#include "server/wire/ablation_conversion.h"
#include "server/wire/comparison_conversion.h"
#include "server/wire/status.h"
#include "server/wire/wire_messages.h"

namespace ctxfit {
namespace {

// Makes the response to a request, on the worker of a lane.
template <class Request, class Response>
using Answer = absl::StatusOr<Response> (*)(const Request& request, FitRun& run);

// Answers a unary call. gRPC deletes it through OnDone, after Finish; the response lives as long.
template <class Request, class Response>
class UnaryFitReactor : public grpc::ServerUnaryReactor, public FitListener {
 public:
  UnaryFitReactor(Answer<Request, Response> answer, grpc::ByteBuffer* response)
      : answer_(answer), response_(response) {}

  void Start(std::string method, absl::Time deadline, const grpc::ByteBuffer& bytes, FitEnvironment& environment) {
    absl::StatusOr<ReceivedRequest<Request>> request = ReadRequest<Request>(bytes);
    if (!request.ok()) return Finish(ToGrpcStatus(request.status()));
    request_ = std::move(request->message);
    FitCall call = {std::move(method), std::move(request->observations), request_.options(), deadline};
    absl::StatusOr<std::shared_ptr<FitJob>> job = FitJob::Prepare(
        std::move(call), [this](FitRun& run) { return Work(run); }, environment, this);
    if (!job.ok()) return Finish(ToGrpcStatus(job.status()));
    job_ = *std::move(job);
    if (absl::Status status = FitJob::Submit(job_); !status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnProgress(const v1::Progress&) override {}
  void OnFitDone(const absl::Status& status) override { Finish(ToGrpcStatus(status)); }

  void OnCancel() override {
    if (job_ != nullptr) job_->stop().Cancel();
  }
  void OnDone() override { delete this; }

 private:
  absl::Status Work(FitRun& run) {
    const absl::StatusOr<Response> response = answer_(request_, run);
    if (!response.ok()) return response.status();
    const absl::StatusOr<grpc::ByteBuffer> bytes = ToBytes(*response);
    if (!bytes.ok()) return bytes.status();
    *response_ = *bytes;
    return absl::OkStatus();
  }

  const Answer<Request, Response> answer_;
  Request request_;  // without its observations
  grpc::ByteBuffer* const response_;
  std::shared_ptr<FitJob> job_;
};

// Answers a streaming call: the newest progress whenever the last message has left, then the result.
class StreamFitReactor : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public FitListener {
 public:
  void Start(absl::Time deadline, const grpc::ByteBuffer& bytes, FitEnvironment& environment) {
    absl::StatusOr<ReceivedRequest<v1::StreamFitRequest>> request = ReadRequest<v1::StreamFitRequest>(bytes);
    if (!request.ok()) return Finish(ToGrpcStatus(request.status()));
    FitCall call = {"StreamFit", std::move(request->observations), request->message.options(), deadline};
    absl::StatusOr<std::shared_ptr<FitJob>> job = FitJob::Prepare(
        std::move(call), [this](FitRun& run) { return Work(run); }, environment, this);
    if (!job.ok()) return Finish(ToGrpcStatus(job.status()));
    job_ = *std::move(job);
    if (absl::Status status = FitJob::Submit(job_); !status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnProgress(const v1::Progress& progress) override {
    const std::lock_guard lock(mutex_);
    if (writing_) return;
    v1::StreamFitResponse message;
    *message.mutable_progress() = progress;
    message_ = ToBytes(message).value();
    writing_ = true;
    StartWrite(&message_);
  }

  void OnFitDone(const absl::Status& status) override {
    {
      const std::lock_guard lock(mutex_);
      end_ = status;
      if (writing_) return;
    }
    WriteEnd();
  }

  void OnWriteDone(bool) override {
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      if (!end_) return;
    }
    WriteEnd();
  }

  void OnCancel() override {
    if (job_ != nullptr) job_->stop().Cancel();
  }
  void OnDone() override { delete this; }

 private:
  absl::Status Work(FitRun& run) {
    absl::StatusOr<v1::FitResponse> response = AnswerFit(run);
    if (!response.ok()) return response.status();
    v1::StreamFitResponse message;
    *message.mutable_result() = *std::move(response);
    const absl::StatusOr<grpc::ByteBuffer> bytes = ToBytes(message);
    if (!bytes.ok()) return bytes.status();
    result_ = *bytes;
    return absl::OkStatus();
  }

  // The last thing that touches this object: it may be deleted before the call returns, so no lock is held. Nobody else
  // is left to touch the members: the job has told the end, and no write is under way.
  void WriteEnd() {
    if (!end_->ok()) return Finish(ToGrpcStatus(*end_));
    StartWriteAndFinish(&result_, grpc::WriteOptions(), grpc::Status::OK);
  }

  std::shared_ptr<FitJob> job_;
  grpc::ByteBuffer result_;  // the worker's until the job has told the end
  std::mutex mutex_;         // of all that follows
  bool writing_ = false;
  grpc::ByteBuffer message_;  // left alone while `writing_`
  std::optional<absl::Status> end_;
};

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) { return absl::FromChrono(context.deadline()); }

// Frees what has been read: a call may wait and run for minutes, and gRPC, whose own these bytes are, would keep them
// for all of it. Neither reactor nor request goes before the method that got them has returned.
void Free(const grpc::ByteBuffer* request) { const_cast<grpc::ByteBuffer*>(request)->Clear(); }

template <class Request, class Response>
grpc::ServerUnaryReactor* StartUnary(std::string method, Answer<Request, Response> answer,
                                     const grpc::CallbackServerContext& context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response, FitEnvironment& environment) {
  auto* reactor = new UnaryFitReactor<Request, Response>(answer, response);
  reactor->Start(std::move(method), DeadlineOf(context), *request, environment);
  Free(request);
  return reactor;
}

absl::StatusOr<v1::FitResponse> AnswerFitRequest(const v1::FitRequest&, FitRun& run) { return AnswerFit(run); }

}  // namespace

grpc::ServerUnaryReactor* FittingServiceImpl::Fit(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return StartUnary("Fit", AnswerFitRequest, *context, request, response, environment_);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FittingServiceImpl::StreamFit(grpc::CallbackServerContext* context,
                                                                          const grpc::ByteBuffer* request) {
  auto* reactor = new StreamFitReactor;
  reactor->Start(DeadlineOf(*context), *request, environment_);
  Free(request);
  return reactor;
}

grpc::ServerUnaryReactor* FittingServiceImpl::Ablate(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartUnary("Ablate", AnswerAblate, *context, request, response, environment_);
}

grpc::ServerUnaryReactor* FittingServiceImpl::Compare(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartUnary("Compare", AnswerCompare, *context, request, response, environment_);
}

}  // namespace ctxfit
