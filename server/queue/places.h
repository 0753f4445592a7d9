#ifndef CTXFIT_SERVER_QUEUE_PLACES_H_
#define CTXFIT_SERVER_QUEUE_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/queue/shares.h"

namespace ctxfit {

class Places;

// A place among the calls that wait, until it is destroyed. Must not outlive its Places.
class Place {
 public:
  Place() = default;
  Place(Place&& other) noexcept { *this = std::move(other); }
  Place& operator=(Place&& other) noexcept;
  ~Place() { Leave(); }

  // Gives the place up: the call runs, or has ended.
  void Leave();

 private:
  friend class Places;

  Places* places_ = nullptr;
  std::string caller_;
};

// The places of calls that wait, shared by callers. A call takes one when it arrives, before its request is read.
// Thread-safe.
class Places {
 public:
  // `name` stands in messages: "fits".
  Places(std::string name, std::size_t capacity)
      : name_(std::move(name)), shares_(static_cast<std::int64_t>(capacity)) {}

  // RESOURCE_EXHAUSTED where all places, or all of this caller's, are taken, with a RetryInfo of `retry_delay` or up to
  // twice as much, so that not all callers come back at once.
  absl::StatusOr<Place> Take(const std::string& caller, absl::Duration retry_delay);

  const std::string& name() const { return name_; }
  std::int64_t capacity() const { return shares_.limit(); }
  std::int64_t taken() const;
  std::int64_t refused_count() const;

 private:
  friend class Place;

  void Return(const std::string& caller);

  const std::string name_;
  mutable std::mutex mutex_;  // guards all that follows
  Shares shares_;
  std::int64_t refused_count_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_PLACES_H_
