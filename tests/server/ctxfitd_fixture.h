#ifndef CTXFIT_TESTS_SERVER_CTXFITD_FIXTURE_H_
#define CTXFIT_TESTS_SERVER_CTXFITD_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ctxfit/v1/fitting_service.grpc.pb.h"
#include "ctxfit/v1/planning_service.grpc.pb.h"
#include "server/health_check.h"
#include "tests/client/command/run_command.h"
#include "tests/hang_guard.h"

namespace ctxfit {

// The real ctxfitd as operators run it.
class CtxfitdTest : public testing::Test {
 protected:
  CtxfitdTest() : folder_(testing::TempDir() + "ctxfitd_test_XXXXXX") { mkdtemp(folder_.data()); }
  ~CtxfitdTest() override { std::filesystem::remove_all(folder_); }

  // Starts one on a free port and waits until it serves there. `before` is the beginning of the command: a shell that
  // then executes it, say.
  void StartDaemon(std::vector<std::string> flags = {}, std::vector<std::string> before = {}) {
    const std::string port_file = folder_ + "/port";
    std::filesystem::remove(port_file);
    std::vector<std::string> command = std::move(before);
    for (const std::string& word : {std::string(CTXFITD_BINARY), std::string("--listen"), std::string("127.0.0.1:0"),
                                    std::string("--port-file"), port_file}) {
      command.push_back(word);
    }
    command.insert(command.end(), flags.begin(), flags.end());
    daemon_ = std::make_unique<RunningCommand>(command);
    const std::string port = AwaitPort(port_file);
    ASSERT_FALSE(port.empty()) << daemon_->Err();
    address_ = "127.0.0.1:" + port;
    const auto channel = grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
    fitting_ = v1::FittingService::NewStub(channel);
    planning_ = v1::PlanningService::NewStub(channel);
  }

  // Waits for a file in which ctxfitd writes a port, and returns the port.
  static std::string AwaitPort(const std::string& file) {
    const absl::Time limit = absl::Now() + kHangGuard;
    while (!std::filesystem::exists(file) && absl::Now() < limit) absl::SleepFor(absl::Milliseconds(10));
    std::string port;
    std::ifstream(file) >> port;
    return port;
  }

  bool AwaitNotServing() const {
    const absl::Time limit = absl::Now() + kHangGuard;
    while (absl::Now() < limit) {
      const absl::Status health = CheckHealth(address_, kHangGuard);
      if (!health.ok()) return health.message() == address_ + ": not serving";
    }
    return false;
  }

  std::string folder_;
  std::string address_;
  std::unique_ptr<RunningCommand> daemon_;
  std::unique_ptr<v1::FittingService::Stub> fitting_;
  std::unique_ptr<v1::PlanningService::Stub> planning_;
};

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_CTXFITD_FIXTURE_H_
