#ifndef CTXFIT_SERVER_QUEUE_WORK_QUEUE_H_
#define CTXFIT_SERVER_QUEUE_WORK_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/queue/fair_line.h"
#include "server/queue/job.h"
#include "server/queue/memory_budget.h"

namespace ctxfit {

// The size of a queue.
struct WorkQueueOptions {
  std::string name;           // stands in messages: "fits"
  int threads = 1;            // workers for jobs of any size
  std::size_t capacity = 64;  // limit on the jobs that wait
  // Workers that take jobs of at most `short_cpu_seconds` only, so that these do not wait for large ones to end.
  int short_threads = 0;
  double short_cpu_seconds = 0;
  WorkingMemory* memory = nullptr;  // what jobs take for their run; must outlive the queue. Null: unlimited
};

// A queue as it is seen from outside.
struct QueueState {
  std::size_t waiting = 0;
  std::size_t running = 0;
  std::size_t capacity = 0;
  // Time since the queue last looked for stopped jobs, which it does fifty times a second; 0 without jobs.
  absl::Duration since_watched;
  // Time that a job has gone on running after it was stopped, at most; a worker ends one within 100 ms.
  absl::Duration longest_stopping;
};

// A bounded queue of jobs in their fair order, and the threads that work it off. A job that is stopped while it waits
// leaves the queue within 20 ms. Thread-safe.
class WorkQueue {
 public:
  // Starts the workers.
  explicit WorkQueue(WorkQueueOptions options);

  // Ends the remaining jobs with UNAVAILABLE and waits for them.
  ~WorkQueue();

  // Enqueues `job`. RESOURCE_EXHAUSTED where the queue is full, where the job takes more memory than there is for work,
  // and where its deadline would pass in the queue, at the pace at which jobs have run; UNAVAILABLE after Close().
  // Neither Run nor Finish is called then.
  absl::Status Submit(std::shared_ptr<Job> job);

  // Accepts no more jobs.
  void Close();

  // Waits until all jobs are done or `deadline` has passed. Returns true if they are done.
  bool AwaitIdle(absl::Time deadline);

  // Returns the number of jobs that wait or run.
  std::size_t JobCount();

  QueueState State();

  // Returns half the time that the jobs that wait are expected to take, as a delay for those who are refused: from
  // 100 ms to a minute.
  absl::Duration RetryDelay();

  // Ends every job, waiting or running, with UNAVAILABLE, because the process ends. Does not wait.
  void CancelAll();

 private:
  struct Running {
    std::shared_ptr<Job> job;
    absl::Time begin;
    bool has_memory;                              // true if it has taken what it needs to run
    absl::Time stopped = absl::InfiniteFuture();  // when the watcher first saw that it was
  };

  void Work(bool is_short);
  void Watch();
  void EndThreads();
  // One round of the watcher.
  absl::Status FinishStopped();
  absl::Status TickAll();
  // Finishes a running job with the status of `work`, and removes it.
  void Finish(const std::shared_ptr<Job>& job, const std::function<absl::Status()>& work);
  // Removes and returns the waiting jobs that have been stopped, and notes when running ones have been.
  std::vector<std::shared_ptr<Job>> TakeStopped();

  // What follows is called with mutex_ held.
  std::shared_ptr<Job> TakeNext(bool is_short);
  void WakeWorkers();
  absl::Status CheckMemory(const JobTerms& terms) const;
  absl::Status CheckDeadline(const JobTerms& terms) const;
  // The time until the turn of a new job; 0 before any job has run.
  absl::Duration WaitOf(const JobTerms& terms) const;
  double CpuSecondsLeft(const Running& running, absl::Time now) const;
  bool IsShort(const JobTerms& terms) const {
    return options_.short_threads > 0 && terms.cpu_seconds <= options_.short_cpu_seconds;
  }

  const WorkQueueOptions options_;
  std::mutex mutex_;  // guards all members that follow, up to the threads
  std::condition_variable work_;
  std::condition_variable short_work_;
  std::condition_variable idle_;
  std::condition_variable watch_;
  FairLine waiting_;
  std::vector<Running> running_;  // never grows beyond what is reserved for it
  // A worker's seconds per estimated second of processor time, over the jobs that have run, recent ones counting most.
  double ran_seconds_ = 0;
  double estimated_seconds_ = 0;
  absl::Time watched_ = absl::Now();
  bool closed_ = false;
  bool ended_ = false;
  bool watcher_sleeps_ = false;  // while there are no jobs
  std::vector<std::thread> workers_;
  std::thread watcher_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_WORK_QUEUE_H_
