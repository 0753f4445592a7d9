// Measures a running ctxfitd under load, as SERVICE.md reports it: the latency of health while 64 uploads of
// 30 MiB come in, and that of a small fit while 12 large ones run. Arguments: HOST:PORT of the server,
// alone on the machine.

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "ctxfit/v1/server_service.grpc.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "tests/server/requests.h"

namespace ctxfit {
namespace {

constexpr int kUploads = 64;
constexpr std::int64_t kUploadRows = 1'000'000;  // 30.5 MiB
constexpr int kBursts = 5;
constexpr int kLargeFits = 12;
constexpr int kSmallFits = 50;

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// Asks for the health on one connection.
class HealthClient {
 public:
  explicit HealthClient(const std::string& address) : stub_(Connect(address)) {}

  // Returns the milliseconds that an answer took.
  double Ask() {
    const absl::Time begin = absl::Now();
    grpc::ClientContext context;
    const grpc::health::v1::HealthCheckRequest request;
    grpc::health::v1::HealthCheckResponse response;
    absl::Notification done;
    stub_.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                    [&done](const grpc::Status&) { done.Notify(); });
    done.WaitForNotification();
    return absl::ToDoubleMilliseconds(absl::Now() - begin);
  }

 private:
  grpc::TemplatedGenericStub<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse> stub_;
};

double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void Print(const std::string& what, const std::vector<double>& milliseconds) {
  std::cout << absl::StrFormat("| %s | %d | %.1f | %.1f | %.1f |\n", what, milliseconds.size(),
                               Quantile(milliseconds, 0.5), Quantile(milliseconds, 0.99), Quantile(milliseconds, 1));
}

// Fits at a time, on connections of their own.
class Load {
 public:
  Load(const std::string& address, const v1::FitRequest& request, int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back(
          [this, &request, stub = v1::FittingService::NewStub(Connect(address))] { Call(*stub, request); });
    }
  }

  int ended() {
    const std::lock_guard lock(mutex_);
    int sum = 0;
    for (const auto& [code, count] : codes_) sum += count;
    return sum;
  }

  // Cancels what runs and waits, and prints how the other calls ended.
  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      for (grpc::ClientContext* context : contexts_) context->TryCancel();
    }
    for (std::thread& thread : threads_) thread.join();
    std::cout << "\nEnded:";
    for (const auto& [code, count] : codes_) std::cout << " " << count << " " << code << ";";
    std::cout << "\n\n";
  }

 private:
  void Call(v1::FittingService::Stub& stub, const v1::FitRequest& request) {
    grpc::ClientContext context;
    v1::FitResponse response;
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) return;
      contexts_.push_back(&context);
    }
    const grpc::Status status = stub.Fit(&context, request, &response);
    const std::lock_guard lock(mutex_);
    std::erase(contexts_, &context);
    if (stopped_) return;
    ++codes_[status.ok() ? "OK" : absl::StrFormat("with code %d", status.error_code())];
  }

  std::mutex mutex_;  // guards all but the threads
  std::vector<grpc::ClientContext*> contexts_;
  std::map<std::string, int> codes_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

// Fits that a server has read and not answered.
int AdmittedCount(v1::ServerService::Stub& stub) {
  grpc::ClientContext context;
  v1::ServerInfoResponse info;
  stub.ServerInfo(&context, {}, &info);
  std::int64_t count = 0;
  for (const v1::Device& device : info.devices()) count += device.running_count() + device.waiting_count();
  return static_cast<int>(count);
}

void MeasureHealth(const std::string& address) {
  v1::FitRequest request;
  *request.mutable_observations() = SimulatedObservations(kUploadRows);
  request.mutable_observations()->clear_cluster();
  request.mutable_options()->mutable_bootstrap()->set_replicates(0);
  const std::string mebibytes = absl::StrFormat("%.1f MiB", static_cast<double>(request.ByteSizeLong()) / 0x1p20);
  HealthClient health(address);
  const auto info = v1::ServerService::NewStub(Connect(address));
  std::vector<double> idle;
  for (int i = 0; i < 200; ++i) idle.push_back(health.Ask());
  Print("health, idle", idle);
  std::vector<double> loaded;
  for (int burst = 0; burst < kBursts; ++burst) {
    Load uploads(address, request, kUploads);
    while (uploads.ended() + AdmittedCount(*info) < kUploads) {
      loaded.push_back(health.Ask());
      absl::SleepFor(absl::Milliseconds(5));
    }
    uploads.Stop();
  }
  Print(absl::StrFormat("health, while %d uploads of %s come in, %d times", kUploads, mebibytes, kBursts), loaded);
}

std::vector<double> TimesOfSmallFits(const std::string& address) {
  const auto stub = v1::FittingService::NewStub(Connect(address));
  const v1::FitRequest request = ShortRequest();
  std::vector<double> milliseconds;
  for (int i = 0; i < kSmallFits; ++i) {
    const absl::Time begin = absl::Now();
    grpc::ClientContext context;
    v1::FitResponse response;
    if (!stub->Fit(&context, request, &response).ok()) continue;
    milliseconds.push_back(absl::ToDoubleMilliseconds(absl::Now() - begin));
  }
  return milliseconds;
}

void MeasureSmallFits(const std::string& address) {
  Print("a small fit, alone", TimesOfSmallFits(address));
  const v1::FitRequest large = LongRequest();
  Load load(address, large, kLargeFits);
  absl::SleepFor(absl::Seconds(3));  // until they run and wait
  Print(absl::StrFormat("the same, %d large fits running and waiting", kLargeFits), TimesOfSmallFits(address));
  load.Stop();
}

}  // namespace
}  // namespace ctxfit

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: service_load HOST:PORT\n";
    return 2;
  }
  std::cout << "| latency, ms | calls | p50 | p99 | max |\n|---|---|---|---|---|\n";
  ctxfit::MeasureSmallFits(argv[1]);
  ctxfit::MeasureHealth(argv[1]);
  return 0;
}
