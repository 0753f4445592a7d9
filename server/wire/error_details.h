#ifndef CTXFIT_SERVER_WIRE_ERROR_DETAILS_H_
#define CTXFIT_SERVER_WIRE_ERROR_DETAILS_H_

#include <grpcpp/support/status.h>

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// What an error tells a program: messages of google.rpc, which an absl::Status carries as payloads by their type, and
// ToGrpcStatus() as details. proto/README.md lists the reasons.

namespace ctxfit {

// All reasons of errors.
inline constexpr std::array<absl::string_view, 12> kErrorReasons = {
    "INVALID_REQUEST",    "NO_SUCH_DEVICE", "QUEUE_FULL",      "CALLER_SHARE", "MEMORY_BUDGET", "CPU_BUDGET",
    "DEADLINE_TOO_SHORT", "OUT_OF_MEMORY",  "DEADLINE_PASSED", "CANCELLED",    "SHUTTING_DOWN", "SERVER_FAULT"};

// Adds google.rpc.ErrorInfo: `reason` in capitals, of the domain "ctxfit", and figures by name.
absl::Status WithReason(absl::Status status, absl::string_view reason,
                        const std::map<std::string, std::string>& metadata = {});

// Adds google.rpc.RetryInfo: the same call may succeed after `delay`.
absl::Status WithRetry(absl::Status status, absl::Duration delay);

// Adds google.rpc.ResourceInfo: the kind and the name of what is missing or used up.
absl::Status WithResource(absl::Status status, absl::string_view type, absl::string_view name);

// Returns the delay of WithRetry().
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// Returns the reason of WithReason(), or what it is by default for an error of that code.
std::string ReasonOf(const absl::Status& status);

// Returns the same of a status that ToGrpcStatus() made, or that is gRPC's own.
std::string ReasonOf(const grpc::Status& status);

// Returns the field that an INVALID_ARGUMENT begins with, "observations.score[17]" say; "" if it names none.
std::string FieldOf(absl::string_view message);

// Returns `text`, or, if it takes more than `limit` bytes once gRPC has encoded it (a byte outside printable ASCII, and
// %, three), its beginning and its end with " ... " between. Cuts between characters of UTF-8.
std::string Shorten(absl::string_view text, std::size_t limit);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_ERROR_DETAILS_H_
