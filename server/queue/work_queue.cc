#include "server/queue/work_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "kernels/base/catch_exceptions.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

constexpr std::chrono::milliseconds kTick(20);

}  // namespace

WorkQueue::WorkQueue(std::string name, int thread_count, std::size_t capacity)
    : name_(std::move(name)), capacity_(capacity) {
  running_.reserve(capacity + thread_count);
  try {
    for (int i = 0; i < thread_count; ++i) workers_.emplace_back([this] { Work(); });
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
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  if (watcher_.joinable()) watcher_.join();
}

absl::Status WorkQueue::Submit(std::shared_ptr<Job> job) {
  const std::lock_guard lock(mutex_);
  if (closed_) return absl::UnavailableError("the server is shutting down");
  if (waiting_.size() >= capacity_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the queue is full: ", waiting_.size(), " ", name_, " wait already; retry later"));
  }
  waiting_.push_back(std::move(job));
  changed_.notify_all();
  return absl::OkStatus();
}

void WorkQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

bool WorkQueue::AwaitIdle(absl::Time deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, absl::ToChronoTime(deadline),
                             [this] { return waiting_.empty() && running_.empty(); });
}

std::size_t WorkQueue::JobCount() {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + running_.size();
}

QueueState WorkQueue::State() {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  QueueState state = {waiting_.size(), running_.size(), capacity_, absl::FromChrono(now - watched_), {}};
  for (const std::shared_ptr<Job>& job : running_) {
    if (job->seen_stopped_ > now) continue;
    state.longest_stopping = std::max(state.longest_stopping, absl::FromChrono(now - job->seen_stopped_));
  }
  return state;
}

void WorkQueue::CancelAll() {
  const std::lock_guard lock(mutex_);
  for (const std::shared_ptr<Job>& job : waiting_) job->stop().ShutDown();
  for (const std::shared_ptr<Job>& job : running_) job->stop().ShutDown();
}

void WorkQueue::Work() {
  while (true) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
      running_.push_back(job);
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
    running_.erase(std::find(running_.begin(), running_.end(), job));
  }
  changed_.notify_all();
}

std::vector<std::shared_ptr<Job>> WorkQueue::TakeStopped() {
  const std::lock_guard lock(mutex_);
  watched_ = std::chrono::steady_clock::now();
  for (const std::shared_ptr<Job>& job : running_) {
    if (!job->stop().Check().ok()) job->seen_stopped_ = std::min(job->seen_stopped_, watched_);
  }
  const auto stopped = std::stable_partition(waiting_.begin(), waiting_.end(),
                                             [](const std::shared_ptr<Job>& job) { return job->stop().Check().ok(); });
  std::vector<std::shared_ptr<Job>> taken(stopped, waiting_.end());
  waiting_.erase(stopped, waiting_.end());
  running_.insert(running_.end(), taken.begin(), taken.end());  // busy until they are finished
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
    for (const std::shared_ptr<Job>& job : running_) jobs.emplace_back(job, 0);
    for (const std::shared_ptr<Job>& job : waiting_) jobs.emplace_back(job, position++);
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
    if (changed_.wait_for(lock, kTick, [this] { return ended_; })) return;
  }
}

}  // namespace ctxfit
