#ifndef CTXFIT_TESTS_SERVER_RUNNING_FIT_H_
#define CTXFIT_TESTS_SERVER_RUNNING_FIT_H_

#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "tests/server/requests.h"

namespace ctxfit {

// A StreamFit that runs, or waits in the queue, while the test does something else.
class RunningFit {
 public:
  RunningFit(v1::FittingService::Stub& stub, const v1::StreamFitRequest& request)
      : reader_(stub.StreamFit(&context_, request)) {}
  ~RunningFit() {
    if (!reader_) return;
    context_.TryCancel();
    Finish();
  }

  // Reads until the fit is in `phase`; false where it ends before.
  bool AwaitPhase(v1::FitPhase phase) {
    while (Read()) {
      if (message_.progress().phase() == phase) return true;
    }
    return false;
  }

  bool Read() { return reader_->Read(&message_); }
  const v1::StreamFitResponse& message() const { return message_; }
  grpc::ClientContext& context() { return context_; }

  // Reads to the end. The last message stays.
  grpc::Status Finish() {
    while (Read()) continue;
    const grpc::Status status = reader_->Finish();
    reader_.reset();
    return status;
  }

 private:
  grpc::ClientContext context_;
  v1::StreamFitResponse message_;
  std::unique_ptr<grpc::ClientReader<v1::StreamFitResponse>> reader_;
};

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_RUNNING_FIT_H_
