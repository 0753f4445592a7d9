#ifndef CTXFIT_SERVER_IN_PROCESS_H_
#define CTXFIT_SERVER_IN_PROCESS_H_

#include <grpcpp/channel.h>

#include <memory>

#include "absl/status/statusor.h"

namespace ctxfit {

// The whole service inside the calling process: the same code as ctxfitd, without a port. Its destructor stops running
// fits and waits for them.
class InProcessService {
 public:
  virtual ~InProcessService() = default;

  // A channel to it, for the stubs of FittingService and PlanningService.
  virtual std::shared_ptr<grpc::Channel> channel() = 0;
};

// Starts it with one worker and the defaults of ctxfitd.
absl::StatusOr<std::unique_ptr<InProcessService>> StartInProcessService();

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_IN_PROCESS_H_
