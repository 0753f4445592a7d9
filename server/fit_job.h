#ifndef CTXFIT_SERVER_FIT_JOB_H_
#define CTXFIT_SERVER_FIT_JOB_H_

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "kernels/fit.h"
#include "kernels/observations.h"
#include "server/fit_lanes.h"
#include "server/request_log.h"
#include "server/work_queue.h"

namespace ctxfit {

// Who waits for a fit.
class FitListener {
 public:
  virtual ~FitListener() = default;

  // About fifty times a second, where the fit stands. Must not block.
  virtual void OnProgress(const v1::Progress& progress) = 0;

  // Once, the end: nothing is called after it, and it may destroy the listener.
  virtual void OnFitDone(absl::StatusOr<v1::FitResponse> response) = 0;
};

// What jobs need of the server.
struct FitEnvironment {
  FitLanes& lanes;
  spdlog::logger& logger;
  // Called where a GPU has failed for good: the process should end and be started anew.
  std::function<void(const absl::Status&)> on_device_failure;
};

// One request for fits, from valid columns to the answer.
class FitJob : public Job {
 public:
  // Validates and copies what the job needs of a request. `listener` must live until its OnFitDone.
  static absl::StatusOr<std::shared_ptr<FitJob>> Prepare(const std::string& method,
                                                         const v1::Observations& observations,
                                                         const v1::FitOptions& options, absl::Time deadline,
                                                         FitEnvironment& environment, FitListener* listener);

  // Enqueues a prepared job on its lane.
  static absl::Status Submit(const std::shared_ptr<FitJob>& job) { return job->lane_.queue->Submit(job); }

  void Run() override;
  void Abandon(const absl::Status& why) override { Finish(why); }
  void Tick(int position) override;

 private:
  FitJob(absl::Time deadline, const FitOptions& options, ObservationTable table, FitLane& lane,
         FitEnvironment& environment, FitListener* listener);

  absl::StatusOr<v1::FitResponse> MakeFits();
  void Finish(absl::StatusOr<v1::FitResponse> response);

  const FitOptions options_;
  ObservationTable table_;
  FitLane& lane_;
  FitEnvironment& environment_;
  const absl::Time submitted_;
  RequestRecord record_;
  std::mutex mutex_;       // of all that follows
  FitListener* listener_;  // null once it has been told the end
  v1::Progress progress_;
  absl::Time started_ = absl::InfiniteFuture();
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_FIT_JOB_H_
