#ifndef CTXFIT_SERVER_QUEUE_JOB_H_
#define CTXFIT_SERVER_QUEUE_JOB_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

// What a queue knows of a job before it runs.
struct JobTerms {
  absl::Time deadline = absl::InfiniteFuture();
  std::string caller;             // callers get equal shares of a queue's time
  double cpu_seconds = 0;         // estimate of its processor time
  std::int64_t memory_bytes = 0;  // estimate of what it allocates while it runs
};

// The work of one request, or a part of it. An exception becomes an error of this request alone, see CatchExceptions().
class Job {
 public:
  explicit Job(absl::Time deadline) : Job(std::make_shared<StopSignal>(deadline), {deadline, "", 0, 0}) {}

  // Takes the stop signal of the request, which its other parts share.
  Job(std::shared_ptr<StopSignal> stop, JobTerms terms) : stop_(std::move(stop)), terms_(std::move(terms)) {}
  virtual ~Job() = default;

  // Does the work. Called at most once, on a worker thread, and not if the job has been stopped while it waited.
  virtual absl::Status Run() = 0;

  // Answers the request: `status` is that of Run, its exception's, or the reason why it was not called. Called once.
  virtual void Finish(const absl::Status& status) = 0;

  // Called about fifty times a second while the job waits or runs, and perhaps once more when it is done; from any
  // thread. `position` jobs are ahead of this one; 0 while it runs, too. An exception stops the job.
  virtual void Tick(int position) { static_cast<void>(position); }

  // Ends the job early; safe at any time.
  StopSignal& stop() { return *stop_; }

  const JobTerms& terms() const { return terms_; }

 private:
  const std::shared_ptr<StopSignal> stop_;
  const JobTerms terms_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_JOB_H_
