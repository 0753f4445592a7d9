#include "server/fitting_service.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "server/answer/ablate_answer.h"
#include "server/answer/backtest_answer.h"
#include "server/answer/compare_answer.h"
#include "server/answer/fit_answer.h"
#include "server/observe/call_record.h"
#include "server/queue/fit_job.h"
#include "server/wire/status.h"
#include "server/wire/wire_messages.h"

namespace ctxfit {
namespace {

// Makes the response to a request, on a worker of the device's queue.
template <class Request, class Response>
using Answer = absl::StatusOr<Response> (*)(const Request& request, FitRun& run);

// The job of a call, from the call's bytes to its cancellation.
template <class Request>
class FitCaller {
 public:
  // Reads the request and enqueues `work`. Returns an error, of which `listener` will not hear; throws nothing.
  absl::Status Submit(absl::Time deadline, const grpc::ByteBuffer& bytes, const FitWork& work,
                      FitEnvironment& environment, FitListener* listener) {
    return CatchExceptions([&]() -> absl::Status {
      CTXFIT_ASSIGN_OR_RETURN(ReceivedRequest<Request> received, ReadRequest<Request>(bytes));
      request_ = std::move(received.message);
      FitCall call = {std::move(received.observations), request_.options(), deadline};
      CTXFIT_ASSIGN_OR_RETURN(job_, FitJob::Prepare(std::move(call), work, environment, listener));
      return FitJob::Submit(job_);
    });
  }

  const Request& request() const { return request_; }  // without its observations

  void Cancel() noexcept {
    if (job_ != nullptr) job_->stop().Cancel();
  }

 private:
  Request request_;
  std::shared_ptr<FitJob> job_;
};

// Answers a unary call. gRPC deletes it through OnDone, after Finish; the response lives as long.
template <class Request, class Response>
class UnaryFitReactor : public grpc::ServerUnaryReactor, public FitListener {
 public:
  UnaryFitReactor(Answer<Request, Response> answer, grpc::ByteBuffer* response, RequestRecord& record)
      : answer_(answer), response_(response), record_(record) {}

  void Start(absl::Time deadline, const grpc::ByteBuffer& bytes, FitEnvironment& environment) {
    const auto work = [this](FitRun& run) { return Work(run); };
    const absl::Status status = caller_.Submit(deadline, bytes, work, environment, this);
    if (!status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnProgress(const v1::Progress&) override {}
  void OnFitDone(const absl::Status& status, const RequestRecord& record) override {
    record_ = record;
    Finish(ToGrpcStatus(status));
  }
  void OnCancel() override { caller_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  absl::Status Work(FitRun& run) {
    CTXFIT_ASSIGN_OR_RETURN(const Response response, answer_(caller_.request(), run));
    CTXFIT_ASSIGN_OR_RETURN(*response_, ToBytes(response));
    return absl::OkStatus();
  }

  const Answer<Request, Response> answer_;
  grpc::ByteBuffer* const response_;
  RequestRecord& record_;
  FitCaller<Request> caller_;
};

// Answers a streaming call: the newest progress whenever the last message has left, then the result.
template <class Request, class Response, class Message>
class StreamReactor : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public FitListener {
 public:
  StreamReactor(Answer<Request, Response> answer, RequestRecord& record) : answer_(answer), record_(record) {}

  void Start(absl::Time deadline, const grpc::ByteBuffer& bytes, FitEnvironment& environment) {
    const auto work = [this](FitRun& run) { return Work(run); };
    const absl::Status status = caller_.Submit(deadline, bytes, work, environment, this);
    if (!status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnProgress(const v1::Progress& progress) override {
    const std::lock_guard lock(mutex_);
    if (writing_) return;
    Message message;
    *message.mutable_progress() = progress;
    message_ = ToBytes(message).value();
    StartWrite(&message_);
    writing_ = true;
  }

  void OnFitDone(const absl::Status& status, const RequestRecord& record) override {
    {
      const std::lock_guard lock(mutex_);
      record_ = record;
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

  void OnCancel() override { caller_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  absl::Status Work(FitRun& run) {
    Message message;
    CTXFIT_ASSIGN_OR_RETURN(*message.mutable_result(), answer_(caller_.request(), run));
    CTXFIT_ASSIGN_OR_RETURN(result_, ToBytes(message));
    return absl::OkStatus();
  }

  // Must be the last to touch this object, which may be deleted before the call returns; so no lock is held. Nobody
  // else touches the members any more: the job has ended, and no write is under way.
  void WriteEnd() {
    if (!end_->ok()) return Finish(ToGrpcStatus(*end_));
    StartWriteAndFinish(&result_, grpc::WriteOptions(), grpc::Status::OK);
  }

  const Answer<Request, Response> answer_;
  RequestRecord& record_;
  FitCaller<Request> caller_;
  grpc::ByteBuffer result_;  // the worker's until OnFitDone
  std::mutex mutex_;         // guards all that follows
  bool writing_ = false;
  grpc::ByteBuffer message_;  // left alone while `writing_`
  std::optional<absl::Status> end_;
};

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) { return absl::FromChrono(context.deadline()); }

// Frees the bytes of a request that has been read: gRPC owns them and would keep them while the call waits and runs,
// for minutes. It hands them out as const, but for the calling method alone, and deletes neither request nor reactor
// before that method has returned.
void Free(const grpc::ByteBuffer* request) { const_cast<grpc::ByteBuffer*>(request)->Clear(); }

template <class Request, class Response>
grpc::ServerUnaryReactor* StartUnary(Answer<Request, Response> answer, grpc::CallbackServerContext& context,
                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                     FitEnvironment& environment) {
  auto* reactor = new UnaryFitReactor<Request, Response>(answer, response, RequestOf(context));
  SetReceivedBytes(context, request->Length());
  reactor->Start(DeadlineOf(context), *request, environment);
  Free(request);
  return reactor;
}

template <class Message, class Request, class Response>
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartStream(Answer<Request, Response> answer,
                                                        grpc::CallbackServerContext& context,
                                                        const grpc::ByteBuffer* request, FitEnvironment& environment) {
  auto* reactor = new StreamReactor<Request, Response, Message>(answer, RequestOf(context));
  SetReceivedBytes(context, request->Length());
  reactor->Start(DeadlineOf(context), *request, environment);
  Free(request);
  return reactor;
}

template <class Request>
absl::StatusOr<v1::FitResponse> AnswerFitRequest(const Request& request, FitRun& run) {
  return AnswerFit(request.options().backtest(), run);
}

}  // namespace

grpc::ServerUnaryReactor* FittingServiceImpl::Fit(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                                  grpc::ByteBuffer* response) {
  return StartUnary(AnswerFitRequest<v1::FitRequest>, *context, request, response, environment_);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FittingServiceImpl::StreamFit(grpc::CallbackServerContext* context,
                                                                          const grpc::ByteBuffer* request) {
  return StartStream<v1::StreamFitResponse>(AnswerFitRequest<v1::StreamFitRequest>, *context, request, environment_);
}

grpc::ServerUnaryReactor* FittingServiceImpl::Ablate(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartUnary(AnswerAblate, *context, request, response, environment_);
}

grpc::ServerUnaryReactor* FittingServiceImpl::Compare(grpc::CallbackServerContext* context,
                                                      const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartUnary(AnswerCompare, *context, request, response, environment_);
}

grpc::ServerUnaryReactor* FittingServiceImpl::Backtest(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartUnary(AnswerBacktest, *context, request, response, environment_);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* FittingServiceImpl::StreamBacktest(grpc::CallbackServerContext* context,
                                                                               const grpc::ByteBuffer* request) {
  return StartStream<v1::StreamBacktestResponse>(AnswerBacktest, *context, request, environment_);
}

}  // namespace ctxfit
