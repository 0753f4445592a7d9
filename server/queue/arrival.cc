#include "server/queue/arrival.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// Numbers take as much memory as on the wire, beside which they stand while they are read. What takes more (labels,
// messages) is reserved as it is read.
constexpr std::int64_t kReadingFactor = 2;
constexpr std::int64_t kReadingBytes = std::int64_t{64} << 10;

}  // namespace

std::string CallerOf(absl::string_view peer) {
  const bool has_port = absl::StartsWith(peer, "ipv4:") || absl::StartsWith(peer, "ipv6:");
  const std::size_t colon = has_port ? peer.rfind(':') : absl::string_view::npos;
  return std::string(peer.substr(0, colon));
}

Arrival ArrivalOf(const grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
                  const CallLimits& limits) {
  const absl::Time last = absl::Now() + limits.max_deadline;
  return {CallerOf(context.peer()), std::min(absl::FromChrono(context.deadline()), last),
          static_cast<std::int64_t>(request.Length())};
}

absl::StatusOr<Admission> Admit(const Arrival& arrival, Places& places, absl::Duration retry_delay,
                                MemoryBudget& memory) {
  Admission admission;
  CTXFIT_ASSIGN_OR_RETURN(admission.place, places.Take(arrival.caller, retry_delay));
  CTXFIT_ASSIGN_OR_RETURN(admission.memory,
                          memory.Reserve(arrival.caller, kReadingFactor * arrival.request_bytes + kReadingBytes));
  admission.stop = std::make_shared<StopSignal>(arrival.deadline);
  return admission;
}

double ReadingSeconds(const Arrival& arrival) { return 2e-5 + 1e-9 * static_cast<double>(arrival.request_bytes); }

}  // namespace ctxfit
