#ifndef CTXFIT_SERVER_FITTING_SERVICE_H_
#define CTXFIT_SERVER_FITTING_SERVICE_H_

#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "server/queue/fit_environment.h"

namespace ctxfit {

// Implements FittingService on gRPC's callback API: converts, enqueues, and answers from the worker that ran the fit.
// gRPC hands over raw bytes, because ReadRequest() reads observations straight into columns (decisions/wire-parser.md).
class FittingServiceImpl
    : public v1::FittingService::WithRawCallbackMethod_Fit<
          v1::FittingService::WithRawCallbackMethod_StreamFit<v1::FittingService::WithRawCallbackMethod_Ablate<
              v1::FittingService::WithRawCallbackMethod_Compare<v1::FittingService::WithRawCallbackMethod_Backtest<
                  v1::FittingService::WithRawCallbackMethod_StreamBacktest<v1::FittingService::Service>>>>>> {
 public:
  explicit FittingServiceImpl(FitEnvironment environment) : environment_(std::move(environment)) {}

  grpc::ServerUnaryReactor* Fit(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamFit(grpc::CallbackServerContext* context,
                                                        const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* Ablate(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Compare(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Backtest(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamBacktest(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request) override;

 private:
  FitEnvironment environment_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_FITTING_SERVICE_H_
