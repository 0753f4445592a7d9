#include "kernels/base/thread_pool.h"

#include <algorithm>
#include <utility>

namespace ctxfit {

ThreadPool::ThreadPool(int threads) {
  try {
    for (int thread = 1; thread < threads; ++thread) workers_.emplace_back([this, thread] { Work(thread); });
  } catch (...) {
    EndWorkers();  // a running thread must be joined before its std::thread is destroyed
    throw;
  }
}

ThreadPool::~ThreadPool() { EndWorkers(); }

void ThreadPool::EndWorkers() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

absl::Status ThreadPool::ParallelFor(std::size_t count, const StopSignal& stop,
                                     const std::function<void(std::size_t, int)>& body) {
  count_ = count;
  stop_ = &stop;
  body_ = &body;
  next_.store(0, std::memory_order_relaxed);
  Invite(count);
  TakeIndices(0);
  AwaitWorkers();
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return stop.Check();
}

void ThreadPool::Invite(std::size_t count) {
  const std::size_t invited = std::min(workers_.size(), count - std::min<std::size_t>(count, 1));
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    invited_ = static_cast<int>(invited);
  }
  for (std::size_t i = 0; i < invited; ++i) wake_.notify_one();
}

void ThreadPool::AwaitWorkers() {
  std::unique_lock<std::mutex> lock(mutex_);
  invited_ = 0;
  done_.wait(lock, [this] { return busy_ == 0; });
}

void ThreadPool::RunAll(std::initializer_list<std::function<void()>> tasks) {
  ParallelFor(tasks.size(), StopSignal(), [&tasks](std::size_t index, int) { tasks.begin()[index](); }).IgnoreError();
}

void ThreadPool::TakeIndices(int thread) {
  try {
    while (stop_->Check().ok()) {
      const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
      if (index >= count_) return;
      (*body_)(index, thread);
    }
  } catch (...) {
    next_.store(count_, std::memory_order_relaxed);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!thrown_) thrown_ = std::current_exception();
  }
}

void ThreadPool::Work(int thread) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || invited_ > 0; });
    if (ending_) return;
    --invited_;
    ++busy_;
    lock.unlock();
    TakeIndices(thread);
    lock.lock();
    if (--busy_ == 0) done_.notify_one();
  }
}

std::vector<int> ShareThreads(int threads, int max_count) {
  const int count = std::max(1, std::min(threads, max_count));
  std::vector<int> shares(count, threads / count);
  for (int i = 0; i < threads % count; ++i) ++shares[i];
  return shares;
}

}  // namespace ctxfit
