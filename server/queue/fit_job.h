#ifndef CTXFIT_SERVER_QUEUE_FIT_JOB_H_
#define CTXFIT_SERVER_QUEUE_FIT_JOB_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "kernels/data/observations.h"
#include "kernels/fit/fit.h"
#include "kernels/law/options.h"
#include "server/queue/device_queues.h"
#include "server/queue/request_log.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

// Who waits for a job.
class FitListener {
 public:
  virtual ~FitListener() = default;

  // About fifty times a second, where the job stands. Must not block.
  virtual void OnProgress(const v1::Progress& progress) = 0;

  // Once, the end: nothing is called after it, and it may destroy the listener.
  virtual void OnFitDone(const absl::Status& status) = 0;
};

// What jobs need of the server.
struct FitEnvironment {
  DeviceQueues& lanes;
  spdlog::logger& logger;
  // Called where a GPU has failed for good: the process should end and be started anew.
  std::function<void(const absl::Status&)> on_device_failure;
};

// A call that asks for fits.
struct FitCall {
  std::string method;
  ObservationTable observations;
  const v1::FitOptions& options;
  absl::Time deadline;
};

// What the work of a job is done with.
struct FitRun {
  Backend& backend;
  const FitOptions& options;  // valid
  ObservationTable table;     // of valid lengths; its values are still to be validated; may be used up
  const StopSignal& stop;
  const FitObserver& observer;
  RequestRecord& record;  // of which the work sets the number of tasks
};

// Fits, and makes of it the answer that its maker keeps. Called once, on the worker of a lane.
using FitWork = std::function<absl::Status(FitRun& run)>;

// One request for fits, from its columns to the end of its work.
class FitJob : public Job {
 public:
  // Takes what the job needs of a call, after checks that take microseconds: its options and the lengths of its
  // columns. The values of the columns are validated by the work, on a worker, as millions of rows would hold up a gRPC
  // thread. `listener` must live until its OnFitDone.
  static absl::StatusOr<std::shared_ptr<FitJob>> Prepare(FitCall call, FitWork work, FitEnvironment& environment,
                                                         FitListener* listener);

  // Enqueues a prepared job on its lane.
  static absl::Status Submit(const std::shared_ptr<FitJob>& job) { return job->lane_.queue().Submit(job); }

  void Run() override;
  void Abandon(const absl::Status& why) override { Finish(why); }
  void Tick(int position) override;

 private:
  FitJob(absl::Time deadline, const FitOptions& options, ObservationTable table, FitWork work, DeviceQueue& lane,
         FitEnvironment& environment, FitListener* listener);

  void Finish(const absl::Status& status);

  const FitOptions options_;
  ObservationTable table_;
  const FitWork work_;
  DeviceQueue& lane_;
  FitEnvironment& environment_;
  const absl::Time submitted_;
  RequestRecord record_;
  std::mutex mutex_;       // of all that follows
  FitListener* listener_;  // null once it has been told the end
  v1::Progress progress_;
  absl::Time started_ = absl::InfiniteFuture();
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_FIT_JOB_H_
