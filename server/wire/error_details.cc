#include "server/wire/error_details.h"

#include <google/protobuf/util/time_util.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctxfit {
namespace {

constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

std::string TypeUrl(const google::protobuf::Message& detail) {
  return absl::StrCat(kTypePrefix, detail.GetDescriptor()->full_name());
}

absl::Status With(absl::Status status, const google::protobuf::Message& detail) {
  status.SetPayload(TypeUrl(detail), absl::Cord(detail.SerializeAsString()));
  return status;
}

// Reads the detail of that type. False if the status has none.
bool Read(const absl::Status& status, google::protobuf::Message& detail) {
  const auto payload = status.GetPayload(TypeUrl(detail));
  return payload && detail.ParseFromString(std::string(*payload));
}

absl::string_view DefaultReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return "INVALID_REQUEST";
    case absl::StatusCode::kFailedPrecondition:
      return "NO_SUCH_DEVICE";
    case absl::StatusCode::kResourceExhausted:
      return "OUT_OF_MEMORY";
    case absl::StatusCode::kDeadlineExceeded:
      return "DEADLINE_PASSED";
    case absl::StatusCode::kCancelled:
      return "CANCELLED";
    case absl::StatusCode::kUnavailable:
      return "SHUTTING_DOWN";
    default:
      return "SERVER_FAULT";
  }
}

std::size_t EncodedSize(char byte) { return byte >= 0x20 && byte <= 0x7e && byte != '%' ? 1 : 3; }

bool ContinuesCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// The length of the longest beginning of whole characters that takes at most `limit` bytes encoded.
std::size_t BeginningWithin(absl::string_view text, std::size_t limit) {
  std::size_t encoded = 0;
  std::size_t end = 0;
  while (end < text.size() && encoded + EncodedSize(text[end]) <= limit) encoded += EncodedSize(text[end++]);
  while (end > 0 && end < text.size() && ContinuesCharacter(text[end])) --end;
  return end;
}

// The place where the longest end of whole characters begins that takes at most `limit` bytes encoded.
std::size_t EndWithin(absl::string_view text, std::size_t limit) {
  std::size_t encoded = 0;
  std::size_t begin = text.size();
  while (begin > 0 && encoded + EncodedSize(text[begin - 1]) <= limit) encoded += EncodedSize(text[--begin]);
  while (begin < text.size() && ContinuesCharacter(text[begin])) ++begin;
  return begin;
}

}  // namespace

absl::Status WithReason(absl::Status status, absl::string_view reason,
                        const std::map<std::string, std::string>& metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("ctxfit");
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  return With(std::move(status), info);
}

absl::Status WithRetry(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo info;
  *info.mutable_retry_delay() =
      google::protobuf::util::TimeUtil::MillisecondsToDuration(absl::ToInt64Milliseconds(delay));
  return With(std::move(status), info);
}

absl::Status WithResource(absl::Status status, absl::string_view type, absl::string_view name) {
  google::rpc::ResourceInfo info;
  info.set_resource_type(std::string(type));
  info.set_resource_name(std::string(name));
  return With(std::move(status), info);
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  google::rpc::RetryInfo info;
  if (!Read(status, info)) return std::nullopt;
  return absl::Milliseconds(google::protobuf::util::TimeUtil::DurationToMilliseconds(info.retry_delay()));
}

std::string ReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  return Read(status, info) ? info.reason() : std::string(DefaultReason(status.code()));
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    google::rpc::ErrorInfo info;
    for (const google::protobuf::Any& detail : details.details()) {
      if (detail.UnpackTo(&info)) return info.reason();
    }
  }
  return std::string(DefaultReason(static_cast<absl::StatusCode>(status.error_code())));
}

std::string FieldOf(absl::string_view message) {
  std::size_t end = 0;
  bool in_index = false;
  bool in_quotes = false;
  for (; end < message.size(); ++end) {
    const char c = message[end];
    if (in_index) {
      if (c == '"') in_quotes = !in_quotes;
      if (c == ']' && !in_quotes) in_index = false;
      continue;
    }
    in_index = c == '[' && end > 0;
    if (!in_index && !absl::ascii_isalnum(c) && c != '_' && c != '.') break;
  }
  const absl::string_view rest = message.substr(end);
  for (const absl::string_view follower : {" = ", " has ", " is ", ": must "}) {
    if (end > 0 && absl::ascii_islower(message[0]) && absl::StartsWith(rest, follower)) {
      return std::string(message.substr(0, end));
    }
  }
  return "";
}

std::string Shorten(absl::string_view text, std::size_t limit) {
  if (BeginningWithin(text, limit) == text.size()) return std::string(text);
  constexpr absl::string_view kGap = " ... ";
  const std::size_t half = (limit - kGap.size()) / 2;
  return absl::StrCat(text.substr(0, BeginningWithin(text, half)), kGap, text.substr(EndWithin(text, half)));
}

}  // namespace ctxfit
