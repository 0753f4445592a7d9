#ifndef CTXFIT_SERVER_WIRE_RESERVE_MEMORY_H_
#define CTXFIT_SERVER_WIRE_RESERVE_MEMORY_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"

namespace ctxfit {

// Asked by the readers of a request before what they have read takes `bytes` in all, the serialised request included.
using ReserveMemory = std::function<absl::Status(std::int64_t bytes)>;

inline absl::Status NoLimit(std::int64_t) { return absl::OkStatus(); }

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_RESERVE_MEMORY_H_
