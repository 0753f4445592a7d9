#include "server/wire/status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <cstddef>
#include <new>
#include <optional>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "kernels/base/catch_exceptions.h"
#include "server/wire/error_details.h"

namespace ctxfit {
namespace {

// gRPC refuses trailers of more than 8 KiB, in which the text stands once as it is and twice in the details.
constexpr std::size_t kMaxTextBytes = 1024;
constexpr std::size_t kMaxFieldBytes = 256;

void AddBadRequest(const std::string& message, google::rpc::Status& details) {
  const std::string field = FieldOf(message);
  if (field.empty()) return;
  google::rpc::BadRequest bad;
  google::rpc::BadRequest::FieldViolation& violation = *bad.add_field_violations();
  violation.set_field(Shorten(field, kMaxFieldBytes));
  violation.set_description(Shorten(message, kMaxTextBytes));
  details.add_details()->PackFrom(bad);
}

grpc::Status WithDetails(const absl::Status& status) {
  const std::string message(status.message());
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(Shorten(message, kMaxTextBytes));
  const absl::Status explained =
      status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo") ? status : WithReason(status, ReasonOf(status));
  explained.ForEachPayload([&details](absl::string_view type, const absl::Cord& payload) {
    google::protobuf::Any& detail = *details.add_details();
    detail.set_type_url(std::string(type));
    detail.set_value(std::string(payload));
  });
  if (absl::IsInvalidArgument(status)) AddBadRequest(message, details);
  return {static_cast<grpc::StatusCode>(status.code()), details.message(), details.SerializeAsString()};
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) noexcept {
  if (status.ok()) return grpc::Status::OK;
  try {
    return WithDetails(status);
  } catch (const std::bad_alloc&) {
    return {static_cast<grpc::StatusCode>(status.code()), std::string()};
  }
}

grpc::Status EndOfCall(const absl::Status& status, grpc::CallbackServerContext& context) noexcept {
  CatchExceptions([&] {
    if (const std::optional<absl::Duration> delay = RetryDelayOf(status)) {
      context.AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(absl::ToInt64Milliseconds(*delay)));
    }
    return absl::OkStatus();
  }).IgnoreError();
  return ToGrpcStatus(status);
}

}  // namespace ctxfit
