#include "server/in_process.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "kernels/base/status_macros.h"
#include "server/queue/trace_log.h"
#include "server/services.h"

namespace ctxfit {
namespace {

class InProcess : public InProcessService {
 public:
  explicit InProcess(std::unique_ptr<Services> services) : services_(std::move(services)) {
    grpc::ServerBuilder builder;
    builder.SetMaxReceiveMessageSize(-1);
    services_->Register(builder);
    server_ = builder.BuildAndStart();
  }

  ~InProcess() override {
    services_->CancelAll();
    server_->Shutdown(std::chrono::system_clock::now());
  }

  std::shared_ptr<grpc::Channel> channel() override {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    return server_->InProcessChannel(arguments);
  }

 private:
  const std::unique_ptr<Services> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<InProcessService>> StartInProcessService() {
  ServiceOptions options;
  options.devices.fits_at_once = 1;
  options.devices.short_fits_at_once = 0;
  options.logger = MakeInProcessLogger();
  options.log_labels = true;  // the user of this process sees their own texts
  CTXFIT_ASSIGN_OR_RETURN(std::unique_ptr<Services> services, Services::Start(std::move(options)));
  return std::make_unique<InProcess>(std::move(services));
}

}  // namespace ctxfit
