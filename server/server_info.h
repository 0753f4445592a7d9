#ifndef CTXFIT_SERVER_SERVER_INFO_H_
#define CTXFIT_SERVER_SERVER_INFO_H_

#include <functional>
#include <utility>

#include "ctxfit/v1/server_service.grpc.pb.h"

namespace ctxfit {

// Implements ServerService on gRPC's callback API. `describe` takes microseconds.
class ServerServiceImpl : public v1::ServerService::CallbackService {
 public:
  explicit ServerServiceImpl(std::function<void(v1::ServerInfoResponse&)> describe) : describe_(std::move(describe)) {}

  grpc::ServerUnaryReactor* ServerInfo(grpc::CallbackServerContext* context, const v1::ServerInfoRequest* request,
                                       v1::ServerInfoResponse* response) override;

 private:
  const std::function<void(v1::ServerInfoResponse&)> describe_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_SERVER_INFO_H_
