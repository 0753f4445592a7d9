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

// Starts it with one worker and the defaults of ctxfitd. It logs nothing, or if the environment variable CTXFIT_TRACE
// is 1, everything down to the steps of a fit, on standard error.
absl::StatusOr<std::unique_ptr<InProcessService>> StartInProcessService();

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_IN_PROCESS_H_
