#include "server/queue/memory_budget.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/base/status_macros.h"
#include "server/wire/error_details.h"

namespace ctxfit {
namespace {

// Memory is free again within seconds where anything runs at all.
constexpr absl::Duration kRetryDelay = absl::Seconds(2);

}  // namespace

MemoryLease& MemoryLease::operator=(MemoryLease&& other) noexcept {
  if (this == &other) return *this;
  Release();
  budget_ = std::exchange(other.budget_, nullptr);
  caller_ = std::move(other.caller_);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

absl::Status MemoryLease::Resize(std::int64_t bytes) {
  if (bytes > bytes_) {
    CTXFIT_RETURN_IF_ERROR(budget_->Take(caller_, bytes - bytes_));
    bytes_ = bytes;
    return absl::OkStatus();
  }
  ResizeAnyway(bytes);
  return absl::OkStatus();
}

void MemoryLease::ResizeAnyway(std::int64_t bytes) {
  if (budget_ == nullptr) return;
  const std::lock_guard lock(budget_->mutex_);
  if (bytes > bytes_) budget_->shares_.TakeAnyway(caller_, bytes - bytes_);
  if (bytes < bytes_) budget_->shares_.Return(caller_, bytes_ - bytes);
  bytes_ = bytes;
}

absl::StatusOr<MemoryLease> MemoryBudget::Reserve(const std::string& caller, std::int64_t bytes) {
  MemoryLease lease;
  lease.caller_ = caller;
  CTXFIT_RETURN_IF_ERROR(Take(caller, bytes));
  lease.budget_ = this;
  lease.bytes_ = bytes;
  return lease;
}

absl::Status MemoryBudget::Take(const std::string& caller, std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  const Shares::Verdict verdict = shares_.Take(caller, bytes);
  return verdict == Shares::Verdict::kTaken ? absl::OkStatus() : Refuse(verdict, caller, bytes);
}

absl::Status MemoryBudget::Refuse(Shares::Verdict verdict, const std::string& caller, std::int64_t bytes) {
  ++refused_count_;
  const bool never = bytes > shares_.limit();
  const std::string needs = absl::StrCat("the request needs ", InMebibytes(bytes), " of memory");
  std::string message;
  if (never) {
    message = absl::StrCat(needs, ", and this server has ", InMebibytes(shares_.limit()), " for requests: send less");
  } else if (verdict == Shares::Verdict::kFull) {
    message = absl::StrCat(needs, ", and ", InMebibytes(shares_.free()), " of ", InMebibytes(shares_.limit()),
                           " are free: retry later");
  } else {
    message = absl::StrCat(needs, " beside the ", InMebibytes(shares_.HeldBy(caller)),
                           " that this caller holds, who may hold what is free, ", InMebibytes(shares_.free()), " of ",
                           InMebibytes(shares_.limit()), ": retry later");
  }
  const absl::Status refusal = WithResource(WithReason(absl::ResourceExhaustedError(message), "MEMORY_BUDGET",
                                                       {{"requested_bytes", absl::StrCat(bytes)},
                                                        {"free_bytes", absl::StrCat(shares_.free())},
                                                        {"limit_bytes", absl::StrCat(shares_.limit())}}),
                                            "memory", "requests");
  return never ? refusal : WithRetry(refusal, kRetryDelay);
}

std::int64_t MemoryBudget::held() const {
  const std::lock_guard lock(mutex_);
  return shares_.held();
}

std::int64_t MemoryBudget::refused_count() const {
  const std::lock_guard lock(mutex_);
  return refused_count_;
}

bool WorkingMemory::Take(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes > limit_ - used_) return false;
  used_ += bytes;
  return true;
}

void WorkingMemory::Return(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  used_ -= bytes;
}

std::int64_t WorkingMemory::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

std::string InMebibytes(std::int64_t bytes) { return absl::StrFormat("%.1f MiB", static_cast<double>(bytes) / 0x1p20); }

}  // namespace ctxfit
