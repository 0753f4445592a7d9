#ifndef CTXFIT_SERVER_QUEUE_ARRIVAL_H_
#define CTXFIT_SERVER_QUEUE_ARRIVAL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "kernels/base/stop_signal.h"
#include "server/queue/memory_budget.h"
#include "server/queue/places.h"

namespace ctxfit {

// What one call may take.
struct CallLimits {
  double max_cpu_seconds = std::numeric_limits<double>::infinity();  // estimated processor time
  absl::Duration max_deadline = absl::InfiniteDuration();            // from its arrival
};

// A call when its request has arrived, before it is read.
struct Arrival {
  std::string caller;
  absl::Time deadline;
  std::int64_t request_bytes = 0;
};

// A call that has been admitted, until its end.
struct Admission {
  Place place;         // until it runs
  MemoryLease memory;  // for its request, then its answer
  std::shared_ptr<StopSignal> stop;
};

// Returns who calls, by which callers are told apart: "ipv4:10.0.0.7" for the peer "ipv4:10.0.0.7:4711".
std::string CallerOf(absl::string_view peer);

// The deadline is the caller's, or that of `limits` if it comes first.
Arrival ArrivalOf(const grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
                  const CallLimits& limits);

// Gives a call a place and the memory to read its request, in microseconds and before that is looked at. Errors are
// those of Places and MemoryBudget.
absl::StatusOr<Admission> Admit(const Arrival& arrival, Places& places, absl::Duration retry_delay,
                                MemoryBudget& memory);

// The estimated processor time of reading a request.
double ReadingSeconds(const Arrival& arrival);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_ARRIVAL_H_
