#include "server/health_check.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"

namespace ctxfit {
namespace {

// grpc.health.v1 has two messages of one field each, and gRPC ships no generated code for them: the request for the
// whole server is empty on the wire, and a response says in field 1, an enum, that the status is SERVING = 1.
constexpr std::string_view kServing = "\x08\x01";

}  // namespace

absl::Status CheckHealth(const std::string& address, absl::Duration timeout) {
  grpc::GenericStub stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  const grpc::Slice empty;
  const grpc::ByteBuffer request(&empty, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  done.WaitForNotification();
  if (!status.ok()) return absl::UnavailableError(absl::StrCat(address, ": ", status.error_message()));
  grpc::Slice message;
  if (!response.DumpToSingleSlice(&message).ok() ||
      std::string_view(reinterpret_cast<const char*>(message.begin()), message.size()) != kServing) {
    return absl::UnavailableError(absl::StrCat(address, ": not serving"));
  }
  return absl::OkStatus();
}

}  // namespace ctxfit
