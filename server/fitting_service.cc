#include "server/fitting_service.h"

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "server/status.h"

namespace ctxfit {
namespace {

// Answers a unary call. gRPC deletes it through OnDone, after Finish.
class FitReactor : public grpc::ServerUnaryReactor, public FitListener {
 public:
  explicit FitReactor(v1::FitResponse* response) : response_(response) {}

  void Start(absl::Time deadline, const v1::FitRequest& request, FitEnvironment& environment) {
    absl::StatusOr<std::shared_ptr<FitJob>> job =
        FitJob::Prepare("Fit", request.observations(), request.options(), deadline, environment, this);
    if (!job.ok()) return Finish(ToGrpcStatus(job.status()));
    job_ = *std::move(job);
    if (absl::Status status = FitJob::Submit(job_); !status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnProgress(const v1::Progress&) override {}
  void OnFitDone(absl::StatusOr<v1::FitResponse> response) override {
    const absl::Status status = response.status();
    if (response.ok()) *response_ = *std::move(response);
    Finish(ToGrpcStatus(status));
  }

  void OnCancel() override {
    if (job_ != nullptr) job_->stop().Cancel();
  }
  void OnDone() override { delete this; }

 private:
  v1::FitResponse* const response_;
  std::shared_ptr<FitJob> job_;
};

// Answers a streaming call: the newest progress whenever the last message has left, then the result.
class StreamFitReactor : public grpc::ServerWriteReactor<v1::StreamFitResponse>, public FitListener {
 public:
  void Start(absl::Time deadline, const v1::StreamFitRequest& request, FitEnvironment& environment) {
    absl::StatusOr<std::shared_ptr<FitJob>> job =
        FitJob::Prepare("StreamFit", request.observations(), request.options(), deadline, environment, this);
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

  void OnFitDone(absl::StatusOr<v1::FitResponse> response) override {
    {
      const std::lock_guard lock(mutex_);
      end_ = std::move(response);
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
  // The last thing that touches this object: it may be deleted before the call returns, so no lock is held. Nobody else
  // is left to touch the members: the job has told the end, and no write is under way.
  void WriteEnd() {
    if (!end_->ok()) return Finish(ToGrpcStatus(end_->status()));
    *message_.mutable_result() = **std::move(end_);
    StartWriteAndFinish(&message_, grpc::WriteOptions(), grpc::Status::OK);
  }

  std::shared_ptr<FitJob> job_;
  std::mutex mutex_;  // of all that follows
  bool writing_ = false;
  v1::StreamFitResponse message_;  // left alone while `writing_`
  std::optional<absl::StatusOr<v1::FitResponse>> end_;
};

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) { return absl::FromChrono(context.deadline()); }

}  // namespace

grpc::ServerUnaryReactor* FittingServiceImpl::Fit(grpc::CallbackServerContext* context, const v1::FitRequest* request,
                                                  v1::FitResponse* response) {
  auto* reactor = new FitReactor(response);
  reactor->Start(DeadlineOf(*context), *request, environment_);
  return reactor;
}

grpc::ServerWriteReactor<v1::StreamFitResponse>* FittingServiceImpl::StreamFit(grpc::CallbackServerContext* context,
                                                                               const v1::StreamFitRequest* request) {
  auto* reactor = new StreamFitReactor;
  reactor->Start(DeadlineOf(*context), *request, environment_);
  return reactor;
}

}  // namespace ctxfit
