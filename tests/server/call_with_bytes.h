#ifndef CTXFIT_TESTS_SERVER_CALL_WITH_BYTES_H_
#define CTXFIT_TESTS_SERVER_CALL_WITH_BYTES_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <string>

namespace ctxfit {

// A unary call from the bytes of a request to those of a reply. `method`: "FittingService/Fit".
inline grpc::Status CallWithBytes(grpc::GenericStub& stub, const std::string& method, const grpc::ByteBuffer& request,
                                  grpc::ByteBuffer& reply) {
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, "/ctxfit.v1." + method, request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_CALL_WITH_BYTES_H_
