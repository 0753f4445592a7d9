#include "server/server_info.h"

#include "kernels/base/catch_exceptions.h"
#include "server/observe/call_record.h"
#include "server/wire/status.h"

namespace ctxfit {

grpc::ServerUnaryReactor* ServerServiceImpl::ServerInfo(grpc::CallbackServerContext* context,
                                                        const v1::ServerInfoRequest* request,
                                                        v1::ServerInfoResponse* response) {
  SetReceivedBytes(*context, request->ByteSizeLong());
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(CatchExceptions([&] {
    describe_(*response);
    return absl::OkStatus();
  })));
  return reactor;
}

}  // namespace ctxfit
