#include "server/wire/status.h"

#include <new>
#include <string>

namespace ctxfit {

grpc::Status ToGrpcStatus(const absl::Status& status) noexcept {
  const auto code = static_cast<grpc::StatusCode>(status.code());
  try {
    return {code, std::string(status.message())};
  } catch (const std::bad_alloc&) {
    return {code, std::string()};
  }
}

}  // namespace ctxfit
