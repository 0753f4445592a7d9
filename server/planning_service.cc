#include "server/planning_service.h"

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/predictions_conversion.h"
#include "server/status.h"

namespace ctxfit {
namespace {

// Answers a Predict call. gRPC deletes it through OnDone, after Finish; the request lives as long.
class PredictReactor : public grpc::ServerUnaryReactor {
 public:
  PredictReactor(const v1::PredictRequest* request, v1::PredictResponse* response, spdlog::logger& logger)
      : request_(request), response_(response), logger_(logger) {}

  void Start(absl::Time deadline, WorkQueue& queue) {
    job_ = std::make_shared<PredictJob>(deadline, this);
    if (absl::Status status = queue.Submit(job_); !status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnCancel() override {
    if (job_ != nullptr) job_->stop().Cancel();
  }
  void OnDone() override { delete this; }

 private:
  class PredictJob : public Job {
   public:
    PredictJob(absl::Time deadline, PredictReactor* reactor) : Job(deadline), reactor_(reactor) {}

    void Run() override { reactor_->Answer(stop()); }
    void Abandon(const absl::Status& why) override { reactor_->Finish(ToGrpcStatus(why)); }

   private:
    PredictReactor* const reactor_;
  };

  void Answer(const StopSignal& stop) {
    const absl::Time begin = absl::Now();
    RequestRecord record;
    record.method = "Predict";
    record.queued = begin - submitted_;
    const absl::Status status = Predict(stop, record);
    record.ran = absl::Now() - begin;
    LogRequest(logger_, record, status);
    Finish(ToGrpcStatus(status));
  }

  absl::Status Predict(const StopSignal& stop, RequestRecord& record) {
    const absl::StatusOr<PredictionTask> task = FromProto(*request_);
    if (!task.ok()) return task.status();
    record.rows = static_cast<std::int64_t>(task->points.size());
    const absl::StatusOr<Predictions> predictions =
        PredictWithBands(task->source, task->points, task->confidence, stop);
    if (!predictions.ok()) return predictions.status();
    *response_ = ToProto(*task, *predictions);
    return absl::OkStatus();
  }

  const v1::PredictRequest* const request_;
  v1::PredictResponse* const response_;
  spdlog::logger& logger_;
  const absl::Time submitted_ = absl::Now();
  std::shared_ptr<PredictJob> job_;
};

}  // namespace

grpc::ServerUnaryReactor* PlanningServiceImpl::Predict(grpc::CallbackServerContext* context,
                                                       const v1::PredictRequest* request,
                                                       v1::PredictResponse* response) {
  auto* reactor = new PredictReactor(request, response, logger_);
  reactor->Start(absl::FromChrono(context->deadline()), queue_);
  return reactor;
}

}  // namespace ctxfit
