#ifndef CTXFIT_SERVER_FITTING_SERVICE_H_
#define CTXFIT_SERVER_FITTING_SERVICE_H_

#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "server/fit_job.h"

namespace ctxfit {

// The FittingService on gRPC's callback API: converts, enqueues, and answers from the worker that ran the fit.
class FittingServiceImpl : public v1::FittingService::CallbackService {
 public:
  explicit FittingServiceImpl(FitEnvironment environment) : environment_(std::move(environment)) {}

  grpc::ServerUnaryReactor* Fit(grpc::CallbackServerContext* context, const v1::FitRequest* request,
                                v1::FitResponse* response) override;

  grpc::ServerWriteReactor<v1::StreamFitResponse>* StreamFit(grpc::CallbackServerContext* context,
                                                             const v1::StreamFitRequest* request) override;

  grpc::ServerUnaryReactor* Ablate(grpc::CallbackServerContext* context, const v1::AblateRequest* request,
                                   v1::AblateResponse* response) override;

  grpc::ServerUnaryReactor* Compare(grpc::CallbackServerContext* context, const v1::CompareRequest* request,
                                    v1::CompareResponse* response) override;

 private:
  FitEnvironment environment_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_FITTING_SERVICE_H_
