#include "kernels/cpu/thread_pool.h"

#include <utility>

namespace ctxfit {

ThreadPool::ThreadPool(int threads) {
  for (int thread = 1; thread < threads; ++thread) workers_.emplace_back([this, thread] { Work(thread); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

absl::Status ThreadPool::ParallelFor(std::size_t count, const StopSignal& stop,
                                     const std::function<void(std::size_t, int)>& body) {
  const bool alone = count <= 1 || workers_.empty();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    count_ = count;
    stop_ = &stop;
    body_ = &body;
    next_.store(0, std::memory_order_relaxed);
    if (!alone) {
      busy_ = static_cast<int>(workers_.size());
      ++loop_;
    }
  }
  if (!alone) wake_.notify_all();
  TakeIndices(0);
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, [this] { return busy_ == 0; });
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return stop.Check();
}

void ThreadPool::RunAll(std::initializer_list<std::function<void()>> tasks) {
  ParallelFor(tasks.size(), StopSignal(), [&tasks](std::size_t index, int) { tasks.begin()[index](); }).IgnoreError();
}

void ThreadPool::TakeIndices(int thread) {
  while (stop_->Check().ok()) {
    const std::size_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= count_) return;
    try {
      (*body_)(index, thread);
    } catch (...) {
      next_.store(count_, std::memory_order_relaxed);
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!thrown_) thrown_ = std::current_exception();
    }
  }
}

void ThreadPool::Work(int thread) {
  std::uint64_t last_loop = 0;
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return ending_ || loop_ != last_loop; });
      if (ending_) return;
      last_loop = loop_;
    }
    TakeIndices(thread);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--busy_ == 0) done_.notify_one();
  }
}

}  // namespace ctxfit
