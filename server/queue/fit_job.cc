#include "server/queue/fit_job.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/time/clock.h"
#include "kernels/base/device_failure.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/split_tasks.h"
#include "kernels/data/valid_table.h"
#include "server/queue/trace_log.h"
#include "server/wire/fit_conversion.h"
#include "server/wire/options_conversion.h"

namespace ctxfit {

absl::StatusOr<std::shared_ptr<FitJob>> FitJob::Prepare(FitCall call, FitWork work, FitEnvironment& environment,
                                                        FitListener* listener) {
  CTXFIT_ASSIGN_OR_RETURN(const FitOptions options, FromProto(call.options));
  CTXFIT_RETURN_IF_ERROR(ValidateLengths(call.observations));
  CTXFIT_RETURN_IF_ERROR(CheckTaskOptions(options, call.observations));
  CTXFIT_ASSIGN_OR_RETURN(DeviceQueue* const queue, environment.devices.Choose(call.options.backend()));
  const Cost cost = CostOfCall(call.observations, call.count, options, queue->threads());
  CTXFIT_RETURN_IF_ERROR(CheckCpuSeconds(cost, environment.limits.max_cpu_seconds));
  JobTerms terms = {call.arrival.deadline, call.arrival.caller, cost.cpu_seconds, cost.memory_bytes};
  return std::shared_ptr<FitJob>(
      new FitJob(std::move(call), std::move(terms), options, std::move(work), *queue, environment, listener));
}

FitJob::FitJob(FitCall call, JobTerms terms, const FitOptions& options, FitWork work, DeviceQueue& queue,
               FitEnvironment& environment, FitListener* listener)
    : Job(call.admission.stop, std::move(terms)),
      place_(std::move(call.admission.place)),
      memory_(std::move(call.admission.memory)),
      options_(options),
      table_(std::move(call.observations)),
      work_(std::move(work)),
      queue_(queue),
      environment_(environment),
      submitted_(absl::Now()),
      listener_(listener) {
  record_.backend = queue.backend().Name();
  record_.rows = static_cast<std::int64_t>(table_.score.size());
  progress_.set_phase(v1::FIT_PHASE_QUEUED);
}

absl::Status FitJob::Run() {
  place_.Leave();
  {
    const std::lock_guard lock(mutex_);
    started_ = absl::Now();
  }
  const FitObserver observer = [this, last = absl::Now()](const FitProgress& progress) mutable {
    const absl::Time now = absl::Now();
    record_.phases[static_cast<int>(progress.phase)] += now - std::exchange(last, now);
    const std::lock_guard lock(mutex_);
    progress_ = ToProto(progress);
  };
  const auto backend = queue_.Borrow();
  const TraceSink trace = MakeTraceSink(environment_.logger, environment_.log_labels);
  FitRun run = {*backend, options_, std::move(table_), stop(), observer, trace, record_, memory_};
  absl::Status status = work_(run);
  if (IsDeviceFailure(status)) environment_.on_device_failure(status);
  return status;
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

void FitJob::Finish(const absl::Status& status) {
  FitListener* listener = nullptr;
  {
    const std::lock_guard lock(mutex_);
    std::swap(listener, listener_);
    const absl::Time now = absl::Now();
    record_.started = started_ != absl::InfiniteFuture();
    record_.queued = (record_.started ? started_ : now) - submitted_;
    record_.ran = record_.started ? now - started_ : absl::ZeroDuration();
  }
  place_.Leave();
  if (!status.ok()) memory_.Release();
  listener->OnFitDone(status, record_);
}

}  // namespace ctxfit
