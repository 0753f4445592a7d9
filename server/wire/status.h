#ifndef CTXFIT_SERVER_WIRE_STATUS_H_
#define CTXFIT_SERVER_WIRE_STATUS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace ctxfit {

// Converts a status. The code is kept, and the codes of both libraries are the same numbers. The message is cut to what
// gRPC's metadata carries (Shorten()). The payloads become details (a google.rpc.Status), with an ErrorInfo on every
// error and a BadRequest on one that names a field. Throws nothing: for lack of memory they are left out.
grpc::Status ToGrpcStatus(const absl::Status& status) noexcept;

// Converts the status with which a call ends, and tells gRPC's own retries in its trailers when to come again:
// `grpc-retry-pushback-ms`, the delay of WithRetry(). Call it before Finish().
grpc::Status EndOfCall(const absl::Status& status, grpc::CallbackServerContext& context) noexcept;

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_STATUS_H_
