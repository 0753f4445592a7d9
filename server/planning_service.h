#ifndef CTXFIT_SERVER_PLANNING_SERVICE_H_
#define CTXFIT_SERVER_PLANNING_SERVICE_H_

#include "ctxfit/v1/planning_service.grpc.pb.h"
#include "server/queue/arrival.h"
#include "server/queue/work_queue.h"

namespace ctxfit {

struct VectorKernels;

// The server as planning queries see it.
struct PlanningEnvironment {
  WorkQueue& readers;      // reads requests, and answers them at once where this takes milliseconds
  WorkQueue& large;        // answers the others
  WorkingMemory& working;  // that readers take while they answer
  Places& places;
  MemoryBudget& memory;
  CallLimits limits;
  const VectorKernels& kernels;
};

// Implements PlanningService on gRPC's callback API. Its requests have places of their own and do not wait behind fits.
// gRPC hands over raw bytes, which a worker reads and writes: an exception ends that call alone.
class PlanningServiceImpl
    : public v1::PlanningService::WithRawCallbackMethod_Predict<v1::PlanningService::WithRawCallbackMethod_Solve<
          v1::PlanningService::WithRawCallbackMethod_Evaluate<v1::PlanningService::Service>>> {
 public:
  explicit PlanningServiceImpl(PlanningEnvironment environment) : environment_(environment) {}

  grpc::ServerUnaryReactor* Predict(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                    grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Solve(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                  grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* Evaluate(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                     grpc::ByteBuffer* response) override;

 private:
  PlanningEnvironment environment_;
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_PLANNING_SERVICE_H_
