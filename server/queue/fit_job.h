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
#include "kernels/fit/options.h"
#include "server/queue/cost.h"
#include "server/queue/device_queues.h"
#include "server/queue/fit_environment.h"
#include "server/queue/request_record.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

// Receives a job's progress and its end.
class FitListener {
 public:
  virtual ~FitListener() = default;

  // Called about fifty times a second with the job's progress. Must not block.
  virtual void OnProgress(const v1::Progress& progress) = 0;

  // Called once, at the end, with what is known of the request: nothing is called after it, and it may destroy the
  // listener.
  virtual void OnFitDone(const absl::Status& status, const RequestRecord& record) = 0;
};

// A call that asks for fits, read.
struct FitCall {
  Arrival arrival;
  Admission admission;
  ObservationTable observations;
  const v1::FitOptions& options;
  FitCount count;
};

// A job as its work sees it, on a worker.
struct FitRun {
  Backend& backend;
  const FitOptions& options;  // valid
  ObservationTable table;     // columns of valid lengths, whose values are still to be validated; may be used up
  const StopSignal& stop;
  const FitObserver& observer;
  const TraceSink& trace;
  RequestRecord& record;  // the work sets its number of tasks and the rate of its search
  MemoryLease& memory;    // the call's, for its answer once the work is done
};

// Fits, and stores the answer where its maker finds it. Called once, on a worker of the device's queue.
using FitWork = std::function<absl::Status(FitRun& run)>;

// One request for fits, from its columns to its answer.
class FitJob : public Job {
 public:
  // Takes what the job needs of a call, after checks of its options, of the lengths of its columns and of its cost. The
  // values of the columns are validated by the work, when its turn has come. `listener` must live until its OnFitDone.
  static absl::StatusOr<std::shared_ptr<FitJob>> Prepare(FitCall call, FitWork work, FitEnvironment& environment,
                                                         FitListener* listener);

  // Enqueues a prepared job on its device.
  static absl::Status Submit(const std::shared_ptr<FitJob>& job) { return job->queue_.queue().Submit(job); }

  absl::Status Run() override;
  void Finish(const absl::Status& status) override;
  void Tick(int position) override;

 private:
  FitJob(FitCall call, JobTerms terms, const FitOptions& options, FitWork work, DeviceQueue& queue,
         FitEnvironment& environment, FitListener* listener);

  Place place_;         // until it runs
  MemoryLease memory_;  // for the table, then the answer
  const FitOptions options_;
  ObservationTable table_;
  const FitWork work_;
  DeviceQueue& queue_;
  FitEnvironment& environment_;
  const absl::Time submitted_;
  RequestRecord record_;
  std::mutex mutex_;       // guards all that follows
  FitListener* listener_;  // null once OnFitDone has been called
  v1::Progress progress_;
  absl::Time started_ = absl::InfiniteFuture();
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_FIT_JOB_H_
