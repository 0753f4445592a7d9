#ifndef CTXFIT_SERVER_OBSERVE_REQUEST_ID_H_
#define CTXFIT_SERVER_OBSERVE_REQUEST_ID_H_

#include <grpcpp/support/status.h>
#include <grpcpp/support/string_ref.h>

#include <map>
#include <string>
#include <string_view>

namespace ctxfit {

using ClientMetadata = std::multimap<grpc::string_ref, grpc::string_ref>;

inline constexpr char kRequestIdKey[] = "x-request-id";

// Returns the caller's id of a request if it is one, [A-Za-z0-9._:-]{1,128}, otherwise a new one of 32 random
// hexadecimal digits.
std::string RequestIdOf(const ClientMetadata& metadata);

// Returns the caller's W3C trace context, as "00-<32 digits>-<16 digits>-01", or "" where there is none.
std::string TraceParentOf(const ClientMetadata& metadata);

// Returns "Fit" of "/ctxfit.v1.FittingService/Fit".
std::string_view ShortMethod(std::string_view method);

// Returns the name of a status code as gRPC spells it: "DEADLINE_EXCEEDED".
std::string_view CodeName(grpc::StatusCode code);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_REQUEST_ID_H_
