#include "server/queue/places.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/wire/error_details.h"

namespace ctxfit {

Place& Place::operator=(Place&& other) noexcept {
  if (this == &other) return *this;
  Leave();
  places_ = std::exchange(other.places_, nullptr);
  caller_ = std::move(other.caller_);
  return *this;
}

void Place::Leave() {
  if (Places* const places = std::exchange(places_, nullptr)) places->Return(caller_);
}

absl::StatusOr<Place> Places::Take(const std::string& caller, absl::Duration retry_delay) {
  Place place;
  place.caller_ = caller;
  const std::lock_guard lock(mutex_);
  const Shares::Verdict verdict = shares_.Take(caller, 1);
  if (verdict == Shares::Verdict::kTaken) {
    place.places_ = this;
    return place;
  }
  ++refused_count_;
  const bool full = verdict == Shares::Verdict::kFull;
  const std::string message =
      full ? absl::StrCat("the queue is full: ", shares_.held(), " ", name_, " wait already; retry later")
           : absl::StrCat("this caller's share of the queue is full: ", shares_.HeldBy(caller), " of its ", name_,
                          " wait already, as many as there are places free; retry later");
  // The golden ratio spreads the delays of successive refusals evenly.
  const double spread = 0.6180339887 * static_cast<double>(refused_count_ % 1000);
  return WithRetry(WithResource(WithReason(absl::ResourceExhaustedError(message), full ? "QUEUE_FULL" : "CALLER_SHARE",
                                           {{"waiting", absl::StrCat(shares_.held())},
                                            {"waiting_of_caller", absl::StrCat(shares_.HeldBy(caller))},
                                            {"capacity", absl::StrCat(shares_.limit())}}),
                                "queue", name_),
                   retry_delay * (1 + spread - static_cast<double>(static_cast<int>(spread))));
}

void Places::Return(const std::string& caller) {
  const std::lock_guard lock(mutex_);
  shares_.Return(caller, 1);
}

std::int64_t Places::taken() const {
  const std::lock_guard lock(mutex_);
  return shares_.held();
}

std::int64_t Places::refused_count() const {
  const std::lock_guard lock(mutex_);
  return refused_count_;
}

}  // namespace ctxfit
