#ifndef CTXFIT_SERVER_WIRE_STATUS_H_
#define CTXFIT_SERVER_WIRE_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace ctxfit {

// Converts a status: code and message are kept, and the codes of both libraries are the same numbers. Throws nothing:
// for lack of memory the message is left out.
grpc::Status ToGrpcStatus(const absl::Status& status) noexcept;

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_STATUS_H_
