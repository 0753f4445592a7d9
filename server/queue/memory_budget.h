#ifndef CTXFIT_SERVER_QUEUE_MEMORY_BUDGET_H_
#define CTXFIT_SERVER_QUEUE_MEMORY_BUDGET_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/queue/shares.h"

namespace ctxfit {

class MemoryBudget;

// Memory that a call has reserved, until it is destroyed. Must not outlive its budget.
class MemoryLease {
 public:
  MemoryLease() = default;
  MemoryLease(MemoryLease&& other) noexcept { *this = std::move(other); }
  MemoryLease& operator=(MemoryLease&& other) noexcept;
  ~MemoryLease() { Release(); }

  // Reserves more, with the errors of MemoryBudget::Reserve(), or returns some.
  absl::Status Resize(std::int64_t bytes);

  // Counts what is there already, whether it is free or not: an answer, say.
  void ResizeAnyway(std::int64_t bytes);

  void Release() { ResizeAnyway(0); }
  std::int64_t bytes() const { return bytes_; }

 private:
  friend class MemoryBudget;

  MemoryBudget* budget_ = nullptr;
  std::string caller_;
  std::int64_t bytes_ = 0;
};

// The memory that requests may hold from their arrival to their answer, shared by callers. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::int64_t limit) : shares_(limit) {}

  // Reserves memory before it is used. RESOURCE_EXHAUSTED names what is asked for and what is free; it has a RetryInfo
  // unless the whole budget does not suffice.
  absl::StatusOr<MemoryLease> Reserve(const std::string& caller, std::int64_t bytes);

  std::int64_t limit() const { return shares_.limit(); }
  std::int64_t held() const;
  std::int64_t refused_count() const;

 private:
  friend class MemoryLease;

  absl::Status Take(const std::string& caller, std::int64_t bytes);
  absl::Status Refuse(Shares::Verdict verdict, const std::string& caller, std::int64_t bytes);

  mutable std::mutex mutex_;  // guards all that follows
  Shares shares_;
  std::int64_t refused_count_ = 0;
};

// The memory that running calls may use in addition. A queue takes it for a job before it starts the job. Thread-safe.
class WorkingMemory {
 public:
  explicit WorkingMemory(std::int64_t limit) : limit_(limit) {}

  // Takes `bytes` if they are free.
  bool Take(std::int64_t bytes);
  void Return(std::int64_t bytes);

  std::int64_t limit() const { return limit_; }
  std::int64_t used() const;

 private:
  const std::int64_t limit_;
  mutable std::mutex mutex_;
  std::int64_t used_ = 0;  // guarded by mutex_
};

// Returns "30.5 MiB".
std::string InMebibytes(std::int64_t bytes);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_MEMORY_BUDGET_H_
