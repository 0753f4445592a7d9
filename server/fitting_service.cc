#include "server/fitting_service.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "server/answer/ablate_answer.h"
#include "server/answer/backtest_answer.h"
#include "server/answer/compare_answer.h"
#include "server/answer/fit_answer.h"
#include "server/fit_count.h"
#include "server/observe/call_record.h"
#include "server/queue/arrival.h"
#include "server/queue/fit_job.h"
#include "server/wire/observations_conversion.h"
#include "server/wire/status.h"
#include "server/wire/wire_messages.h"

namespace ctxfit {
namespace {

// Makes the response to a request, on a worker of the device's queue.
template <class Request, class Response>
using Answer = absl::StatusOr<Response> (*)(const Request& request, FitRun& run);

// The jobs of a call, from its bytes to its cancellation: one that reads the request, then one that fits.
template <class Request>
class FitCaller {
 public:
  // Admits the call, and lets a reader read the request and enqueue `work`. Returns an error, of which `listener` will
  // not hear; throws nothing.
  absl::Status Submit(const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes, const FitWork& work,
                      FitEnvironment& environment, FitListener* listener) {
    const absl::Status status = CatchExceptions([&]() -> absl::Status {
      arrival_ = ArrivalOf(context, bytes, environment.limits);
      CTXFIT_ASSIGN_OR_RETURN(
          admission_, Admit(arrival_, environment.places, environment.devices.RetryDelay(), environment.memory));
      stop_ = admission_.stop;
      bytes_ = bytes;
      return environment.readers.Submit(std::make_shared<Reader>(*this, work, environment, listener));
    });
    if (!status.ok()) admission_ = {};
    return status;
  }

  const Request& request() const { return request_; }  // without its observations

  void Cancel() noexcept {
    if (stop_ != nullptr) stop_->Cancel();
  }

 private:
  // Reads the request, and enqueues the job that fits. If this succeeds, that job has the listener from then on, and
  // the caller may be gone.
  class Reader : public Job {
   public:
    Reader(FitCaller& caller, FitWork work, FitEnvironment& environment, FitListener* listener)
        : Job(caller.stop_, {caller.arrival_.deadline, caller.arrival_.caller, ReadingSeconds(caller.arrival_), 0}),
          caller_(caller),
          work_(std::move(work)),
          environment_(environment),
          listener_(listener) {}

    absl::Status Run() override {
      CTXFIT_ASSIGN_OR_RETURN(const std::shared_ptr<FitJob> job,
                              caller_.Read(std::move(work_), environment_, listener_));
      return FitJob::Submit(job);
    }

    void Finish(const absl::Status& status) override {
      if (status.ok()) return;
      caller_.admission_ = {};
      listener_->OnFitDone(status, {});
    }

   private:
    FitCaller& caller_;
    FitWork work_;
    FitEnvironment& environment_;
    FitListener* const listener_;
  };

  absl::StatusOr<std::shared_ptr<FitJob>> Read(FitWork work, FitEnvironment& environment, FitListener* listener) {
    MemoryLease& memory = admission_.memory;
    const auto reserve = [&memory](std::int64_t bytes) { return memory.Resize(std::max(bytes, memory.bytes())); };
    CTXFIT_ASSIGN_OR_RETURN(ReceivedRequest<Request> received, ReadRequest<Request>(bytes_, reserve));
    bytes_.Clear();
    request_ = std::move(received.message);
    memory.ResizeAnyway(MemoryOf(received.observations) + static_cast<std::int64_t>(request_.SpaceUsedLong()));
    const FitCount count = CountOf(request_, received.observations);
    FitCall call = {arrival_, std::move(admission_), std::move(received.observations), request_.options(), count};
    CTXFIT_ASSIGN_OR_RETURN(job_, FitJob::Prepare(std::move(call), std::move(work), environment, listener));
    return job_;
  }

  Arrival arrival_;
  Admission admission_;  // the job's once there is one
  std::shared_ptr<StopSignal> stop_;
  grpc::ByteBuffer bytes_;  // until they are read
  Request request_;
  std::shared_ptr<FitJob> job_;  // whose memory counts the answer until it has been sent
};

// Answers a unary call. gRPC deletes it through OnDone, after Finish; the response lives as long.
template <class Request, class Response>
class UnaryFitReactor : public grpc::ServerUnaryReactor, public FitListener {
 public:
  UnaryFitReactor(Answer<Request, Response> answer, grpc::CallbackServerContext& context, grpc::ByteBuffer* response)
      : answer_(answer), context_(context), response_(response) {}

  void Start(const grpc::ByteBuffer& bytes, FitEnvironment& environment) {
    const auto work = [this](FitRun& run) { return Work(run); };
    const absl::Status status = caller_.Submit(context_, bytes, work, environment, this);
    if (!status.ok()) Finish(EndOfCall(status, context_));
  }

  void OnProgress(const v1::Progress&) override {}
  void OnFitDone(const absl::Status& status, const RequestRecord& record) override {
    RequestOf(context_) = record;
    Finish(EndOfCall(status, context_));
  }
  void OnCancel() override { caller_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  absl::Status Work(FitRun& run) {
    CTXFIT_ASSIGN_OR_RETURN(const Response response, answer_(caller_.request(), run));
    CTXFIT_ASSIGN_OR_RETURN(*response_, ToBytes(response));
    run.memory.ResizeAnyway(static_cast<std::int64_t>(response_->Length()));
    return absl::OkStatus();
  }

  const Answer<Request, Response> answer_;
  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer* const response_;
  FitCaller<Request> caller_;
};

// Answers a streaming call: the newest progress whenever the last message has left, then the result.
template <class Request, class Response, class Message>
class StreamReactor : public grpc::ServerWriteReactor<grpc::ByteBuffer>, public FitListener {
 public:
  StreamReactor(Answer<Request, Response> answer, grpc::CallbackServerContext& context)
      : answer_(answer), context_(context) {}

  void Start(const grpc::ByteBuffer& bytes, FitEnvironment& environment) {
    const auto work = [this](FitRun& run) { return Work(run); };
    const absl::Status status = caller_.Submit(context_, bytes, work, environment, this);
    if (!status.ok()) Finish(EndOfCall(status, context_));
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
      RequestOf(context_) = record;
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
    run.memory.ResizeAnyway(static_cast<std::int64_t>(result_.Length()));
    return absl::OkStatus();
  }

  // Must be the last to touch this object, which may be deleted before the call returns; so no lock is held. Nobody
  // else touches the members any more: the job has ended, and no write is under way.
  void WriteEnd() {
    if (!end_->ok()) return Finish(EndOfCall(*end_, context_));
    StartWriteAndFinish(&result_, grpc::WriteOptions(), grpc::Status::OK);
  }

  const Answer<Request, Response> answer_;
  grpc::CallbackServerContext& context_;
  FitCaller<Request> caller_;
  grpc::ByteBuffer result_;  // the worker's until OnFitDone
  std::mutex mutex_;         // guards all that follows
  bool writing_ = false;
  grpc::ByteBuffer message_;  // left alone while `writing_`
  std::optional<absl::Status> end_;
};

// Frees the bytes of a request, which its reactor shares: gRPC owns them and would keep them while the call waits and
// runs, for minutes. It hands them out as const, but for the calling method alone, and deletes neither request nor
// reactor before that method has returned.
void Free(const grpc::ByteBuffer* request) { const_cast<grpc::ByteBuffer*>(request)->Clear(); }

template <class Request, class Response>
grpc::ServerUnaryReactor* StartUnary(Answer<Request, Response> answer, grpc::CallbackServerContext& context,
                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response,
                                     FitEnvironment& environment) {
  auto* reactor = new UnaryFitReactor<Request, Response>(answer, context, response);
  SetReceivedBytes(context, request->Length());
  reactor->Start(*request, environment);
  Free(request);
  return reactor;
}

template <class Message, class Request, class Response>
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartStream(Answer<Request, Response> answer,
                                                        grpc::CallbackServerContext& context,
                                                        const grpc::ByteBuffer* request, FitEnvironment& environment) {
  auto* reactor = new StreamReactor<Request, Response, Message>(answer, context);
  SetReceivedBytes(context, request->Length());
  reactor->Start(*request, environment);
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
