#ifndef CTXFIT_SERVER_QUEUE_SHARES_H_
#define CTXFIT_SERVER_QUEUE_SHARES_H_

#include <cstdint>
#include <map>
#include <string>

namespace ctxfit {

// An amount of something, places or bytes, that callers share by a dynamic threshold (Choudhury and Hahne 1998): a
// caller may hold as much as stays free. In small pieces, one caller alone gets half of it, n callers a part of n + 1
// each, and as much is left for the next one. Thread-compatible.
class Shares {
 public:
  enum class Verdict { kTaken, kFull, kBeyondShare };

  explicit Shares(std::int64_t limit) : limit_(limit) {}

  // Takes `amount` for `caller` if it is free, and if what the caller then holds is no more than what was free.
  Verdict Take(const std::string& caller, std::int64_t amount);

  // Takes `amount` whether it is free or not: for what is there already.
  void TakeAnyway(const std::string& caller, std::int64_t amount);

  void Return(const std::string& caller, std::int64_t amount);

  std::int64_t limit() const { return limit_; }
  std::int64_t held() const { return held_; }
  std::int64_t free() const { return limit_ - held_; }
  std::int64_t HeldBy(const std::string& caller) const;

 private:
  const std::int64_t limit_;
  std::int64_t held_ = 0;
  std::map<std::string, std::int64_t> by_caller_;  // those who hold something
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_SHARES_H_
