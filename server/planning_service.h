#ifndef CTXFIT_SERVER_PLANNING_SERVICE_H_
#define CTXFIT_SERVER_PLANNING_SERVICE_H_

#include "ctxfit/v1/planning_service.grpc.pb.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

struct VectorKernels;

// Implements PlanningService on gRPC's callback API. Its requests have a queue of their own: they take milliseconds and
// do not wait behind fits. gRPC hands over raw bytes, which a worker reads and writes: an exception ends that call
// alone.
class PlanningServiceImpl
    : public v1::PlanningService::WithRawCallbackMethod_Predict<v1::PlanningService::WithRawCallbackMethod_Solve<
          v1::PlanningService::WithRawCallbackMethod_Evaluate<v1::PlanningService::Service>>> {
 public:
  PlanningServiceImpl(WorkQueue& queue, const VectorKernels& kernels) : queue_(queue), kernels_(kernels) {}

  grpc::ServerUnaryReactor* Predict(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Solve(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Evaluate(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;

 private:
  WorkQueue& queue_;
  const VectorKernels& kernels_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_PLANNING_SERVICE_H_
