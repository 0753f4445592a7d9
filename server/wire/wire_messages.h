#ifndef CTXFIT_SERVER_WIRE_WIRE_MESSAGES_H_
#define CTXFIT_SERVER_WIRE_WIRE_MESSAGES_H_

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/data/observations.h"
#include "server/wire/reserve_memory.h"

namespace ctxfit {

// A request with its observations apart.
template <class Request>
struct ReceivedRequest {
  Request message;  // all but the observations
  ObservationTable observations;
};

// Reads a request whose field `observations_field` is its v1::Observations. INVALID_ARGUMENT if the bytes are no such
// message; errors of `reserve`, which is asked before memory is taken. The reason why it is written by hand is in
// decisions/wire-parser.md.
absl::Status ReadRequest(const grpc::ByteBuffer& bytes, int observations_field, google::protobuf::Message& message,
                         ObservationTable& observations, const ReserveMemory& reserve);

template <class Request>
absl::StatusOr<ReceivedRequest<Request>> ReadRequest(const grpc::ByteBuffer& bytes,
                                                     const ReserveMemory& reserve = NoLimit) {
  ReceivedRequest<Request> request;
  absl::Status status =
      ReadRequest(bytes, Request::kObservationsFieldNumber, request.message, request.observations, reserve);
  if (!status.ok()) return status;
  return request;
}

// Reads a message without observations. INVALID_ARGUMENT if the bytes are no such message; errors of `reserve`.
absl::Status ReadMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message,
                         const ReserveMemory& reserve = NoLimit);

// Serialises a message. RESOURCE_EXHAUSTED if it is larger than protobuf can write.
absl::StatusOr<grpc::ByteBuffer> ToBytes(const google::protobuf::MessageLite& message);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_WIRE_MESSAGES_H_
