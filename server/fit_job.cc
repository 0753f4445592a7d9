#include "server/fit_job.h"

#include <google/protobuf/util/time_util.h>

#include <map>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "server/evaluation_conversion.h"
#include "server/fit_conversion.h"
#include "server/observations_conversion.h"
#include "server/options_conversion.h"

namespace ctxfit {

absl::StatusOr<std::shared_ptr<FitJob>> FitJob::Prepare(const std::string& method, const v1::Observations& observations,
                                                        const v1::FitOptions& options, absl::Time deadline,
                                                        FitEnvironment& environment, FitListener* listener) {
  const absl::StatusOr<FitOptions> converted = FromProto(options);
  if (!converted.ok()) return converted.status();
  ObservationTable table = FromProto(observations);
  if (absl::Status status = Validate(table); !status.ok()) return status;
  const absl::StatusOr<FitLane*> lane = environment.lanes.Choose(options.backend(), *converted);
  if (!lane.ok()) return lane.status();
  std::shared_ptr<FitJob> job(new FitJob(deadline, *converted, std::move(table), **lane, environment, listener));
  job->record_.method = method;
  return job;
}

FitJob::FitJob(absl::Time deadline, const FitOptions& options, ObservationTable table, FitLane& lane,
               FitEnvironment& environment, FitListener* listener)
    : Job(deadline),
      options_(options),
      table_(std::move(table)),
      lane_(lane),
      environment_(environment),
      submitted_(absl::Now()),
      listener_(listener) {
  record_.backend = lane.backend->Name();
  record_.rows = static_cast<std::int64_t>(table_.score.size());
  progress_.set_phase(v1::FIT_PHASE_QUEUED);
}

void FitJob::Run() {
  {
    const std::lock_guard lock(mutex_);
    started_ = absl::Now();
  }
  absl::StatusOr<v1::FitResponse> response = MakeFits();
  if (absl::IsInternal(response.status())) environment_.on_device_failure(response.status());
  Finish(std::move(response));
}

absl::StatusOr<v1::FitResponse> FitJob::MakeFits() {
  const absl::StatusOr<std::vector<Observations>> tasks = SplitTasks(table_, options_.bootstrap.resampling);
  if (!tasks.ok()) return tasks.status();
  const std::map<std::string, std::vector<std::size_t>> held_out = HeldOutRowsByTask(table_);
  if (held_out.empty()) table_ = {};
  record_.tasks = static_cast<std::int64_t>(tasks->size());
  const absl::StatusOr<std::vector<TaskFit>> fits =
      FitTasks(*lane_.backend, *tasks, options_, stop(), [this](const FitProgress& progress) {
        const std::lock_guard lock(mutex_);
        progress_ = ToProto(progress);
      });
  if (!fits.ok()) return fits.status();
  v1::FitResponse response;
  for (std::size_t i = 0; i < fits->size(); ++i) {
    v1::Fit& fit = *response.add_fits();
    fit = ToProto((*fits)[i], {options_, lane_.backend->Name(), lane_.backend->Device(), Digest((*tasks)[i])});
    const auto rows = held_out.find(fit.task());
    if (rows == held_out.end()) continue;
    ErrorSum total;
    absl::StatusOr<v1::Evaluation> evaluation = EvaluateFit(fit, table_, rows->second, std::nullopt, stop(), total);
    if (!evaluation.ok()) return evaluation.status();
    *fit.mutable_evaluation() = *std::move(evaluation);
  }
  return response;
}

void FitJob::Tick(int position) {
  const std::lock_guard lock(mutex_);
  if (listener_ == nullptr) return;
  const bool started = started_ != absl::InfiniteFuture();
  progress_.set_queue_position(started ? 0 : position);
  const absl::Duration elapsed = started ? absl::Now() - started_ : absl::ZeroDuration();
  *progress_.mutable_elapsed() =
      google::protobuf::util::TimeUtil::NanosecondsToDuration(absl::ToInt64Nanoseconds(elapsed));
  listener_->OnProgress(progress_);
}

void FitJob::Finish(absl::StatusOr<v1::FitResponse> response) {
  FitListener* listener = nullptr;
  {
    const std::lock_guard lock(mutex_);
    std::swap(listener, listener_);
    const absl::Time now = absl::Now();
    const bool started = started_ != absl::InfiniteFuture();
    record_.queued = (started ? started_ : now) - submitted_;
    record_.ran = started ? now - started_ : absl::ZeroDuration();
  }
  LogRequest(environment_.logger, record_, response.status());
  listener->OnFitDone(std::move(response));
}

}  // namespace ctxfit
