#include "server/planning_service.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "kernels/base/status_macros.h"
#include "server/answer/evaluate_answer.h"
#include "server/answer/predict_answer.h"
#include "server/answer/solve_answer.h"
#include "server/wire/status.h"
#include "server/wire/wire_messages.h"

namespace ctxfit {
namespace {

// Answers one kind of request and counts its rows in the record.
template <class Request, class Response>
using Answer =
    std::function<absl::StatusOr<Response>(const Request& request, const StopSignal& stop, RequestRecord& record)>;

// Answers a call from the queue. gRPC deletes it through OnDone, after Finish; the request lives as long.
template <class Request, class Response>
class QueuedReactor : public grpc::ServerUnaryReactor {
 public:
  QueuedReactor(std::string method, Answer<Request, Response> answer, const Request* request, Response* response,
                spdlog::logger& logger)
      : answer_(std::move(answer)), request_(request), response_(response), logger_(logger) {
    record_.method = std::move(method);
  }

  void Start(absl::Time deadline, WorkQueue& queue) {
    job_ = std::make_shared<ReactorJob>(deadline, this);
    if (absl::Status status = queue.Submit(job_); !status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnCancel() override {
    if (job_ != nullptr) job_->stop().Cancel();
  }
  void OnDone() override { delete this; }

 private:
  class ReactorJob : public Job {
   public:
    ReactorJob(absl::Time deadline, QueuedReactor* reactor) : Job(deadline), reactor_(reactor) {}

    void Run() override { reactor_->Run(stop()); }
    void Abandon(const absl::Status& why) override { reactor_->Finish(ToGrpcStatus(why)); }

   private:
    QueuedReactor* const reactor_;
  };

  void Run(const StopSignal& stop) {
    const absl::Time begin = absl::Now();
    record_.queued = begin - submitted_;
    absl::StatusOr<Response> answer = answer_(*request_, stop, record_);
    const absl::Status status = answer.status();
    if (answer.ok()) *response_ = *std::move(answer);
    record_.ran = absl::Now() - begin;
    LogRequest(logger_, record_, status);
    Finish(ToGrpcStatus(status));
  }

  const Answer<Request, Response> answer_;
  const Request* const request_;
  Response* const response_;
  spdlog::logger& logger_;
  const absl::Time submitted_ = absl::Now();
  RequestRecord record_;
  std::shared_ptr<ReactorJob> job_;
};

absl::StatusOr<v1::SolveResponse> RunSolve(const v1::SolveRequest& request, const StopSignal& stop,
                                           RequestRecord& record) {
  return AnswerSolve(request, stop, record.rows);
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

template <class Request, class Response>
grpc::ServerUnaryReactor* StartQueued(QueuedReactor<Request, Response>* reactor,
                                      const grpc::CallbackServerContext& context, WorkQueue& queue) {
  reactor->Start(absl::FromChrono(context.deadline()), queue);
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* PlanningServiceImpl::Predict(grpc::CallbackServerContext* context,
                                                       const v1::PredictRequest* request,
                                                       v1::PredictResponse* response) {
  const Answer<v1::PredictRequest, v1::PredictResponse> answer = [this](const v1::PredictRequest& parsed,
                                                                        const StopSignal& stop, RequestRecord& record) {
    return AnswerPredict(kernels_, parsed, stop, record.rows);
  };
  return StartQueued(new QueuedReactor("Predict", answer, request, response, logger_), *context, queue_);
}

grpc::ServerUnaryReactor* PlanningServiceImpl::Solve(grpc::CallbackServerContext* context,
                                                     const v1::SolveRequest* request, v1::SolveResponse* response) {
  return StartQueued(
      new QueuedReactor<v1::SolveRequest, v1::SolveResponse>("Solve", RunSolve, request, response, logger_), *context,
      queue_);
}

grpc::ServerUnaryReactor* PlanningServiceImpl::Evaluate(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
  return StartQueued(
      new QueuedReactor<grpc::ByteBuffer, grpc::ByteBuffer>("Evaluate", RunEvaluate, request, response, logger_),
      *context, queue_);
}

}  // namespace ctxfit
