#ifndef CTXFIT_SERVER_PLANNING_SERVICE_H_
#define CTXFIT_SERVER_PLANNING_SERVICE_H_

#include "ctxfit/v1/planning_service.grpc.pb.h"
#include "server/queue/request_log.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

struct VectorKernels;

// Implements PlanningService on gRPC's callback API. Its requests have a queue of their own: they take milliseconds and
// do not wait behind fits.
class PlanningServiceImpl
    : public v1::PlanningService::WithCallbackMethod_Predict<v1::PlanningService::WithCallbackMethod_Solve<
          v1::PlanningService::WithRawCallbackMethod_Evaluate<v1::PlanningService::Service>>> {
 public:
  PlanningServiceImpl(WorkQueue& queue, const VectorKernels& kernels, spdlog::logger& logger)
      : queue_(queue), kernels_(kernels), logger_(logger) {}

  grpc::ServerUnaryReactor* Predict(grpc::CallbackServerContext* context, const v1::PredictRequest* request,
                                    v1::PredictResponse* response) override;
  grpc::ServerUnaryReactor* Solve(grpc::CallbackServerContext* context, const v1::SolveRequest* request,
                                  v1::SolveResponse* response) override;
  grpc::ServerUnaryReactor* Evaluate(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;

 private:
  WorkQueue& queue_;
  const VectorKernels& kernels_;
  spdlog::logger& logger_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_PLANNING_SERVICE_H_
