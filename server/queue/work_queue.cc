#include "server/queue/work_queue.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"
#include "server/wire/error_details.h"

namespace ctxfit {
namespace {

constexpr std::chrono::milliseconds kTick(20);
constexpr double kAnySeconds = std::numeric_limits<double>::infinity();

// The weight of all earlier jobs in the pace, once another one has run.
constexpr double kMemory = 0.9;

// Estimates of processor time are right within this factor: a deadline is hopeless if even the shortest wait that they
// allow for ends after it.
constexpr double kMaxOverestimate = 3;

}  // namespace

WorkQueue::WorkQueue(WorkQueueOptions options) : options_(std::move(options)) {
  running_.reserve(options_.capacity + options_.threads + options_.short_threads);
  try {
    for (int i = 0; i < options_.threads; ++i) workers_.emplace_back([this] { Work(false); });
    for (int i = 0; i < options_.short_threads; ++i) workers_.emplace_back([this] { Work(true); });
    watcher_ = std::thread([this] { Watch(); });
  } catch (...) {
    EndThreads();  // a running thread must be joined before its std::thread is destroyed
    throw;
  }
}

WorkQueue::~WorkQueue() {
  Close();
  CancelAll();
  AwaitIdle(absl::InfiniteFuture());
  EndThreads();
}

void WorkQueue::EndThreads() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  work_.notify_all();
  short_work_.notify_all();
  watch_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  if (watcher_.joinable()) watcher_.join();
}

absl::Status WorkQueue::Submit(std::shared_ptr<Job> job) {
  const std::lock_guard lock(mutex_);
  if (closed_) return absl::UnavailableError("the server is shutting down");
  if (waiting_.size() >= options_.capacity) {
    return WithReason(absl::ResourceExhaustedError(absl::StrCat("the queue is full: ", waiting_.size(), " ",
                                                                options_.name, " wait already; retry later")),
                      "QUEUE_FULL");
  }
  CTXFIT_RETURN_IF_ERROR(CheckMemory(job->terms()));
  CTXFIT_RETURN_IF_ERROR(CheckDeadline(job->terms()));
  waiting_.Add(std::move(job));
  WakeWorkers();
  if (watcher_sleeps_) {
    watched_ = absl::Now();  // there was nothing to look after
    watch_.notify_one();
  }
  return absl::OkStatus();
}

absl::Status WorkQueue::CheckMemory(const JobTerms& terms) const {
  if (options_.memory == nullptr || terms.memory_bytes <= options_.memory->limit()) return absl::OkStatus();
  return WithResource(WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                     "the request needs about ", InMebibytes(terms.memory_bytes),
                                     " of memory to run, and this server has ", InMebibytes(options_.memory->limit()),
                                     " for work: send less, or ask for less")),
                                 "MEMORY_BUDGET",
                                 {{"requested_bytes", absl::StrCat(terms.memory_bytes)},
                                  {"limit_bytes", absl::StrCat(options_.memory->limit())}}),
                      "memory", "work");
}

absl::Status WorkQueue::CheckDeadline(const JobTerms& terms) const {
  if (terms.deadline == absl::InfiniteFuture()) return absl::OkStatus();
  const absl::Duration wait = WaitOf(terms);
  const absl::Duration left = terms.deadline - absl::Now();
  if (wait / kMaxOverestimate <= left) return absl::OkStatus();
  return WithRetry(WithReason(absl::ResourceExhaustedError(absl::StrFormat(
                                  "the deadline is in %.1f s, and about %.1f s of other %s come first: retry later, or "
                                  "allow more time",
                                  absl::ToDoubleSeconds(left), absl::ToDoubleSeconds(wait), options_.name)),
                              "DEADLINE_TOO_SHORT"),
                   wait);
}

absl::Duration WorkQueue::WaitOf(const JobTerms& terms) const {
  if (!(estimated_seconds_ > 0)) return absl::ZeroDuration();
  const double pace = ran_seconds_ / estimated_seconds_;
  const absl::Time now = absl::Now();
  double running = 0;
  for (const Running& job : running_) running += CpuSecondsLeft(job, now);
  const bool has_idle_worker = running_.size() < static_cast<std::size_t>(options_.threads);
  double wait = (waiting_.CpuSecondsBefore(terms, kAnySeconds) + (has_idle_worker ? 0 : running)) / options_.threads;
  if (IsShort(terms)) {
    wait = std::min(wait, waiting_.CpuSecondsBefore(terms, options_.short_cpu_seconds) / options_.short_threads);
  }
  return absl::Seconds(pace * wait);
}

double WorkQueue::CpuSecondsLeft(const Running& running, absl::Time now) const {
  if (!running.job->stop().Check().ok()) return 0;  // it ends within moments
  const double done = absl::ToDoubleSeconds(now - running.begin) * estimated_seconds_ / ran_seconds_;
  return std::max(0.0, running.job->terms().cpu_seconds - done);
}

absl::Duration WorkQueue::RetryDelay() {
  const std::lock_guard lock(mutex_);
  const double pace = estimated_seconds_ > 0 ? ran_seconds_ / estimated_seconds_ : 1;
  double waiting = 0;
  for (std::size_t i = 0; i < waiting_.size(); ++i) waiting += waiting_[i]->terms().cpu_seconds;
  return std::clamp(absl::Seconds(0.5 * pace * waiting / options_.threads), absl::Milliseconds(100), absl::Minutes(1));
}

void WorkQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

bool WorkQueue::AwaitIdle(absl::Time deadline) {
  std::unique_lock lock(mutex_);
  return idle_.wait_until(lock, absl::ToChronoTime(deadline), [this] { return waiting_.empty() && running_.empty(); });
}

std::size_t WorkQueue::JobCount() {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + running_.size();
}

QueueState WorkQueue::State() {
  const std::lock_guard lock(mutex_);
  const absl::Time now = absl::Now();
  const bool is_idle = waiting_.empty() && running_.empty();
  QueueState state = {waiting_.size(), running_.size(), options_.capacity, {}, {}};
  if (!is_idle) state.since_watched = now - watched_;
  for (const Running& running : running_) {
    state.longest_stopping = std::max(state.longest_stopping, now - running.stopped);
  }
  return state;
}

void WorkQueue::CancelAll() {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < waiting_.size(); ++i) waiting_[i]->stop().ShutDown();
  for (const Running& running : running_) running.job->stop().ShutDown();
}

std::shared_ptr<Job> WorkQueue::TakeNext(bool is_short) {
  const double max_seconds = is_short ? options_.short_cpu_seconds : kAnySeconds;
  const Job* const first = waiting_.First(max_seconds);
  if (first == nullptr) return nullptr;
  if (options_.memory != nullptr && !options_.memory->Take(first->terms().memory_bytes)) return nullptr;
  std::shared_ptr<Job> job = waiting_.TakeFirst(max_seconds);
  running_.push_back({job, absl::Now(), options_.memory != nullptr});
  return job;
}

void WorkQueue::WakeWorkers() {
  work_.notify_one();
  if (options_.short_threads > 0) short_work_.notify_one();
}

void WorkQueue::Work(bool is_short) {
  while (true) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      (is_short ? short_work_ : work_).wait(lock, [&] { return (job = TakeNext(is_short)) || ended_; });
      if (!job) return;
    }
    Finish(job, [&job]() -> absl::Status {
      CTXFIT_RETURN_IF_ERROR(job->stop().Check());
      return job->Run();
    });
  }
}

void WorkQueue::Finish(const std::shared_ptr<Job>& job, const std::function<absl::Status()>& work) {
  const absl::Status status = CatchExceptions(work);
  CatchExceptions([&] {
    job->Finish(status);
    return absl::OkStatus();
  }).IgnoreError();
  {
    const std::lock_guard lock(mutex_);
    const auto running =
        std::find_if(running_.begin(), running_.end(), [&job](const Running& entry) { return entry.job == job; });
    if (status.ok()) {
      ran_seconds_ = kMemory * ran_seconds_ + absl::ToDoubleSeconds(absl::Now() - running->begin);
      estimated_seconds_ = kMemory * estimated_seconds_ + job->terms().cpu_seconds;
    }
    if (running->has_memory) options_.memory->Return(job->terms().memory_bytes);
    running_.erase(running);
    if (!waiting_.empty()) WakeWorkers();  // those that wait for the memory of this one
    if (!waiting_.empty() || !running_.empty()) return;
  }
  idle_.notify_all();
}

std::vector<std::shared_ptr<Job>> WorkQueue::TakeStopped() {
  const std::lock_guard lock(mutex_);
  watched_ = absl::Now();
  for (Running& running : running_) {
    if (!running.job->stop().Check().ok()) running.stopped = std::min(running.stopped, watched_);
  }
  std::vector<std::shared_ptr<Job>> taken = waiting_.TakeStopped();
  for (const std::shared_ptr<Job>& job : taken) running_.push_back({job, absl::Now(), false});  // until it is finished
  return taken;
}

absl::Status WorkQueue::FinishStopped() {
  for (const std::shared_ptr<Job>& job : TakeStopped()) {
    Finish(job, [&job] { return job->stop().Check(); });
  }
  return absl::OkStatus();
}

absl::Status WorkQueue::TickAll() {
  std::vector<std::pair<std::shared_ptr<Job>, int>> jobs;
  {
    const std::lock_guard lock(mutex_);
    int position = static_cast<int>(running_.size());
    for (const Running& running : running_) jobs.emplace_back(running.job, 0);
    for (std::size_t i = 0; i < waiting_.size(); ++i) jobs.emplace_back(waiting_[i], position++);
  }
  for (const auto& [job, position] : jobs) {
    const absl::Status ticked = CatchExceptions([&job = job, position = position] {
      job->Tick(position);
      return absl::OkStatus();
    });
    if (!ticked.ok()) job->stop().Fail(ticked);
  }
  return absl::OkStatus();
}

void WorkQueue::Watch() {
  while (true) {
    // A round without the memory for its list of jobs is made up for by the next.
    CatchExceptions([this] { return FinishStopped(); }).IgnoreError();
    CatchExceptions([this] { return TickAll(); }).IgnoreError();
    std::unique_lock lock(mutex_);
    if (!waiting_.empty()) WakeWorkers();  // another queue may have returned memory
    watcher_sleeps_ = waiting_.empty() && running_.empty();
    if (watcher_sleeps_) {
      watch_.wait(lock, [this] { return ended_ || !waiting_.empty() || !running_.empty(); });
    }
    watcher_sleeps_ = false;
    if (watch_.wait_for(lock, kTick, [this] { return ended_; })) return;
  }
}

}  // namespace ctxfit
