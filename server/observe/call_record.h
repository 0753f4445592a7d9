#ifndef CTXFIT_SERVER_OBSERVE_CALL_RECORD_H_
#define CTXFIT_SERVER_OBSERVE_CALL_RECORD_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "server/queue/request_record.h"

namespace ctxfit {

// A call as gRPC sees it, whatever its service.
struct CallRecord {
  std::string method;        // "/ctxfit.v1.FittingService/Fit"; "" for one that nobody looks at, as of health
  std::string request_id;    // the caller's `x-request-id`, otherwise one made here; [A-Za-z0-9._:-]{1,128}
  std::string trace_parent;  // the caller's `traceparent`, where it is one; otherwise ""
  std::string peer;          // "ipv4:127.0.0.1:40112"
  absl::Time arrived;
  absl::Time deadline = absl::InfiniteFuture();
  std::int64_t received_bytes = 0;  // of messages, after decompression
  std::int64_t sent_bytes = 0;      // of messages, before compression
  grpc::Status status{grpc::StatusCode::UNKNOWN, "never answered"};
  bool cancelled = false;  // by the client, the deadline, or a connection that broke, before the answer was written
};

// gRPC's context of a call, with what is known of the call besides. Every call of a server that `Calls` is registered
// with has one.
struct CallContext : grpc::CallbackServerContext {
  CallRecord call;
  RequestRecord request;  // filled by the service, up to its Finish
};

// The part of the record that a service fills for the call of `context`.
inline RequestRecord& RequestOf(grpc::CallbackServerContext& context) {
  return static_cast<CallContext&>(context).request;
}

// States the size of the request of `context`.
inline void SetReceivedBytes(grpc::CallbackServerContext& context, std::size_t bytes) {
  static_cast<CallContext&>(context).call.received_bytes = static_cast<std::int64_t>(bytes);
}

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_CALL_RECORD_H_
