#ifndef CTXFIT_SERVER_QUEUE_WORK_QUEUE_H_
#define CTXFIT_SERVER_QUEUE_WORK_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "kernels/base/stop_signal.h"

namespace ctxfit {

// The work of one request. An exception becomes an error of this request alone, see CatchExceptions().
class Job {
 public:
  explicit Job(absl::Time deadline) : stop_(deadline) {}
  virtual ~Job() = default;

  // Does the work. Called at most once, on a worker thread, and not if the job has been stopped while it waited.
  virtual absl::Status Run() = 0;

  // Answers the request: `status` is that of Run, its exception's, or the reason why it was not called. Called once.
  virtual void Finish(const absl::Status& status) = 0;

  // Called about fifty times a second while the job waits or runs, and perhaps once more when it is done; from any
  // thread. `position` jobs are ahead of this one; 0 while it runs, too. An exception stops the job.
  virtual void Tick(int position) { static_cast<void>(position); }

  // Ends the job early; safe at any time.
  StopSignal& stop() { return stop_; }

 private:
  friend class WorkQueue;

  StopSignal stop_;
  std::chrono::steady_clock::time_point seen_stopped_ = std::chrono::steady_clock::time_point::max();
};

// A queue as it is seen from outside.
struct QueueState {
  std::size_t waiting = 0;
  std::size_t running = 0;
  std::size_t capacity = 0;
  // Time since the queue last looked for stopped jobs, which it does fifty times a second.
  absl::Duration since_watched;
  // Time that a job has gone on running after it was stopped, at most; a worker ends one within 100 ms.
  absl::Duration longest_stopping;
};

// A bounded queue of jobs and the threads that work it off in order. A job that is stopped while it waits leaves the
// queue within 20 ms. Thread-safe.
class WorkQueue {
 public:
  // Starts `thread_count` workers. At most `capacity` jobs wait at a time. `name` stands in messages: "fits".
  WorkQueue(std::string name, int thread_count, std::size_t capacity);

  // Ends the remaining jobs with UNAVAILABLE and waits for them.
  ~WorkQueue();

  // Enqueues `job`. RESOURCE_EXHAUSTED where the queue is full, UNAVAILABLE after Close(); neither Run nor Finish is
  // called then.
  absl::Status Submit(std::shared_ptr<Job> job);

  // Accepts no more jobs.
  void Close();

  // Waits until all jobs are done or `deadline` has passed. Returns true if they are done.
  bool AwaitIdle(absl::Time deadline);

  // Returns the number of jobs that wait or run.
  std::size_t JobCount();

  QueueState State();

  // Ends every job, waiting or running, with UNAVAILABLE, because the process ends. Does not wait.
  void CancelAll();

 private:
  void Work();
  void Watch();
  void EndThreads();
  // One round of the watcher.
  absl::Status FinishStopped();
  absl::Status TickAll();
  // Finishes a running job with the status of `work`, and removes it.
  void Finish(const std::shared_ptr<Job>& job, const std::function<absl::Status()>& work);
  // Removes and returns the waiting jobs that have been stopped, and notes when running ones have been.
  std::vector<std::shared_ptr<Job>> TakeStopped();

  const std::string name_;
  const std::size_t capacity_;
  std::mutex mutex_;  // guards all members that follow, up to the threads
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Job>> waiting_;
  std::vector<std::shared_ptr<Job>> running_;  // never grows beyond what is reserved for it
  std::chrono::steady_clock::time_point watched_ = std::chrono::steady_clock::now();
  bool closed_ = false;
  bool ended_ = false;
  std::vector<std::thread> workers_;
  std::thread watcher_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_WORK_QUEUE_H_
