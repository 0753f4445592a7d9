#ifndef CTXFIT_SERVER_WIRE_STATUS_H_
#define CTXFIT_SERVER_WIRE_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace ctxfit {

// The same code and message for the wire: the codes of both are the same numbers.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_STATUS_H_
