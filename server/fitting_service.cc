#include "server/fitting_service.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "server/ablation_conversion.h"
#include "server/comparison_conversion.h"
#include "server/fit_answer.h"
#include "server/status.h"

namespace ctxfit {
namespace {

// Makes the response to a request, on the worker of a lane.
template <class Request, class Response>
using Answer = absl::StatusOr<Response> (*)(const Request& request, FitRun& run);

// Answers a unary call. gRPC deletes it through OnDone, after Finish; request and response live as long.
template <class Request, class Response>
class UnaryFitReactor : public grpc::ServerUnaryReactor, public FitListener {
 public:
  UnaryFitReactor(Answer<Request, Response> answer, const Request* request, Response* response)
      : answer_(answer), request_(request), response_(response) {}

  void Start(std::string method, absl::Time deadline, FitEnvironment& environment) {
    const FitCall call = {std::move(method), request_->observations(), request_->options(), deadline};
    absl::StatusOr<std::shared_ptr<FitJob>> job = FitJob::Prepare(
        call, [this](FitRun& run) { return Work(run); }, environment, this);
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
    absl::StatusOr<Response> response = answer_(*request_, run);
    if (!response.ok()) return response.status();
    *response_ = *std::move(response);
    return absl::OkStatus();
  }

  const Answer<Request, Response> answer_;
  const Request* const request_;
  Response* const response_;
  std::shared_ptr<FitJob> job_;
};

// Answers a streaming call: the newest progress whenever the last message has left, then the result.
class StreamFitReactor : public grpc::ServerWriteReactor<v1::StreamFitResponse>, public FitListener {
 public:
  void Start(absl::Time deadline, const v1::StreamFitRequest& request, FitEnvironment& environment) {
    const FitCall call = {"StreamFit", request.observations(), request.options(), deadline};
    absl::StatusOr<std::shared_ptr<FitJob>> job = FitJob::Prepare(
        call, [this](FitRun& run) { return Work(run); }, environment, this);
    if (!job.ok()) return Finish(ToGrpcStatus(job.status()));
    job_ = *std::move(job);
    if (absl::Status status = FitJob::Submit(job_); !status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnProgress(const v1::Progress& progress) override {
    const std::lock_guard lock(mutex_);
    if (writing_) return;
    *message_.mutable_progress() = progress;
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
    result_ = *std::move(response);
    return absl::OkStatus();
  }

  // The last thing that touches this object: it may be deleted before the call returns, so no lock is held. Nobody else
  // is left to touch the members: the job has told the end, and no write is under way.
  void WriteEnd() {
    if (!end_->ok()) return Finish(ToGrpcStatus(*end_));
    *message_.mutable_result() = std::move(result_);
    StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
  }

  std::shared_ptr<FitJob> job_;
  v1::FitResponse result_;  // the worker's until the job has told the end
  std::mutex mutex_;        // of all that follows
  bool writing_ = false;
  v1::StreamFitResponse message_;  // left alone while `writing_`
  std::optional<absl::Status> end_;
};

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) { return absl::FromChrono(context.deadline()); }

}  // namespace

grpc::ServerUnaryReactor* FittingServiceImpl::Fit(grpc::CallbackServerContext* context, const v1::FitRequest* request,
                                                  v1::FitResponse* response) {
  const auto answer = +[](const v1::FitRequest&, FitRun& run) { return AnswerFit(run); };
  auto* reactor = new UnaryFitReactor<v1::FitRequest, v1::FitResponse>(answer, request, response);
  reactor->Start("Fit", DeadlineOf(*context), environment_);
  return reactor;
}

grpc::ServerWriteReactor<v1::StreamFitResponse>* FittingServiceImpl::StreamFit(grpc::CallbackServerContext* context,
                                                                               const v1::StreamFitRequest* request) {
  auto* reactor = new StreamFitReactor;
  reactor->Start(DeadlineOf(*context), *request, environment_);
  return reactor;
}

grpc::ServerUnaryReactor* FittingServiceImpl::Ablate(grpc::CallbackServerContext* context,
                                                     const v1::AblateRequest* request, v1::AblateResponse* response) {
  auto* reactor = new UnaryFitReactor<v1::AblateRequest, v1::AblateResponse>(AnswerAblate, request, response);
  reactor->Start("Ablate", DeadlineOf(*context), environment_);
  return reactor;
}

grpc::ServerUnaryReactor* FittingServiceImpl::Compare(grpc::CallbackServerContext* context,
                                                      const v1::CompareRequest* request,
                                                      v1::CompareResponse* response) {
  auto* reactor = new UnaryFitReactor<v1::CompareRequest, v1::CompareResponse>(AnswerCompare, request, response);
  reactor->Start("Compare", DeadlineOf(*context), environment_);
  return reactor;
}

}  // namespace ctxfit
