#ifndef CTXFIT_SERVER_HEALTH_CHECK_H_
#define CTXFIT_SERVER_HEALTH_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace ctxfit {

// Asks the standard gRPC health service at `address`, HOST:PORT or unix:PATH, for the health of the whole server, by a
// connection of its own, as orchestrators without a gRPC client need it. OK where it answers SERVING within `timeout`,
// otherwise UNAVAILABLE.
absl::Status CheckHealth(const std::string& address, absl::Duration timeout);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_HEALTH_CHECK_H_
