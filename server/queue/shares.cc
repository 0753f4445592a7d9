#include "server/queue/shares.h"

namespace ctxfit {

Shares::Verdict Shares::Take(const std::string& caller, std::int64_t amount) {
  if (amount > free()) return Verdict::kFull;
  if (HeldBy(caller) + amount > free()) return Verdict::kBeyondShare;
  TakeAnyway(caller, amount);
  return Verdict::kTaken;
}

void Shares::TakeAnyway(const std::string& caller, std::int64_t amount) {
  if (amount == 0) return;
  by_caller_[caller] += amount;
  held_ += amount;
}

void Shares::Return(const std::string& caller, std::int64_t amount) {
  if (amount == 0) return;
  const auto found = by_caller_.find(caller);
  found->second -= amount;
  if (found->second == 0) by_caller_.erase(found);
  held_ -= amount;
}

std::int64_t Shares::HeldBy(const std::string& caller) const {
  const auto found = by_caller_.find(caller);
  return found == by_caller_.end() ? 0 : found->second;
}

}  // namespace ctxfit
