#include "server/planning_service.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "server/answer/evaluate_answer.h"
#include "server/answer/predict_answer.h"
#include "server/answer/solve_answer.h"
#include "server/observe/call_record.h"
#include "server/wire/status.h"
#include "server/wire/wire_messages.h"

namespace ctxfit {
namespace {

// Reads one kind of request, counts its rows in the record, and makes the response.
using Answer = std::function<absl::StatusOr<grpc::ByteBuffer>(const grpc::ByteBuffer& request, const StopSignal& stop,
                                                              RequestRecord& record)>;

// Answers a call from the queue. gRPC deletes it through OnDone, after Finish; the request lives as long.
class QueuedReactor : public grpc::ServerUnaryReactor {
 public:
  QueuedReactor(Answer answer, const grpc::ByteBuffer* request, grpc::ByteBuffer* response, RequestRecord& record)
      : answer_(std::move(answer)), request_(request), response_(response), record_(record) {}

  void Start(absl::Time deadline, WorkQueue& queue) {
    const absl::Status status = CatchExceptions([&] {
      job_ = std::make_shared<ReactorJob>(deadline, this);
      return queue.Submit(job_);
    });
    if (!status.ok()) End(status);
  }

  void OnCancel() override {
    if (job_ != nullptr) job_->stop().Cancel();
  }
  void OnDone() override { delete this; }

 private:
  class ReactorJob : public Job {
   public:
    ReactorJob(absl::Time deadline, QueuedReactor* reactor) : Job(deadline), reactor_(reactor) {}

    absl::Status Run() override { return reactor_->Run(stop()); }
    void Finish(const absl::Status& status) override { reactor_->End(status); }

   private:
    QueuedReactor* const reactor_;
  };

  absl::Status Run(const StopSignal& stop) {
    started_ = absl::Now();
    CTXFIT_ASSIGN_OR_RETURN(*response_, answer_(*request_, stop, record_));
    return absl::OkStatus();
  }

  void End(const absl::Status& status) {
    const absl::Time now = absl::Now();
    const absl::Time begin = std::min(started_, now);
    record_.started = started_ != absl::InfiniteFuture();
    record_.queued = begin - submitted_;
    record_.ran = now - begin;
    Finish(ToGrpcStatus(status));
  }

  const Answer answer_;
  const grpc::ByteBuffer* const request_;
  grpc::ByteBuffer* const response_;
  RequestRecord& record_;
  const absl::Time submitted_ = absl::Now();
  absl::Time started_ = absl::InfiniteFuture();
  std::shared_ptr<ReactorJob> job_;
};

absl::StatusOr<grpc::ByteBuffer> RunPredict(const VectorKernels& kernels, const grpc::ByteBuffer& bytes,
                                            const StopSignal& stop, RequestRecord& record) {
  v1::PredictRequest request;
  CTXFIT_RETURN_IF_ERROR(ReadMessage(bytes, request));
  CTXFIT_ASSIGN_OR_RETURN(const v1::PredictResponse response, AnswerPredict(kernels, request, stop, record.rows));
  return ToBytes(response);
}

absl::StatusOr<grpc::ByteBuffer> RunSolve(const grpc::ByteBuffer& bytes, const StopSignal& stop,
                                          RequestRecord& record) {
  v1::SolveRequest request;
  CTXFIT_RETURN_IF_ERROR(ReadMessage(bytes, request));
  CTXFIT_ASSIGN_OR_RETURN(const v1::SolveResponse response, AnswerSolve(request, stop, record.rows));
  return ToBytes(response);
}

absl::StatusOr<grpc::ByteBuffer> RunEvaluate(const grpc::ByteBuffer& bytes, const StopSignal& stop,
                                             RequestRecord& record) {
  CTXFIT_ASSIGN_OR_RETURN(ReceivedRequest<v1::EvaluateRequest> request, ReadRequest<v1::EvaluateRequest>(bytes));
  record.rows = static_cast<std::int64_t>(request.observations.score.size());
  record.tasks = request.message.fits_size();
  CTXFIT_ASSIGN_OR_RETURN(const v1::EvaluateResponse response,
                          AnswerEvaluate(request.message, std::move(request.observations), stop));
  return ToBytes(response);
}

grpc::ServerUnaryReactor* StartQueued(Answer answer, grpc::CallbackServerContext& context,
                                      const grpc::ByteBuffer* request, grpc::ByteBuffer* response, WorkQueue& queue) {
  SetReceivedBytes(context, request->Length());
  auto* reactor = new QueuedReactor(std::move(answer), request, response, RequestOf(context));
  reactor->Start(absl::FromChrono(context.deadline()), queue);
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* PlanningServiceImpl::Predict(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  Answer answer = [this](const grpc::ByteBuffer& bytes, const StopSignal& stop, RequestRecord& record) {
    return RunPredict(kernels_, bytes, stop, record);
  };
  return StartQueued(std::move(answer), *context, request, response, queue_);
}

grpc::ServerUnaryReactor* PlanningServiceImpl::Solve(grpc::CallbackServerContext* context,
                                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartQueued(RunSolve, *context, request, response, queue_);
}

grpc::ServerUnaryReactor* PlanningServiceImpl::Evaluate(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartQueued(RunEvaluate, *context, request, response, queue_);
}

}  // namespace ctxfit
