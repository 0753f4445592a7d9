#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/base/available_cpus.h"
#include "server/wire/version.h"
#include "tests/client/command/run_command.h"
#include "tests/cpu_time.h"
#include "tests/hang_guard.h"
#include "tests/server/ctxfitd_fixture.h"
#include "tests/server/running_fit.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

TEST_F(CtxfitdTest, HelpNamesEveryFlag) {
  const CommandResult result = RunCommand({CTXFITD_BINARY, "--help"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* flag : {"--version",
                           "--listen",
                           "--port-file",
                           "--cpu-threads",
                           "--fits-at-once",
                           "--queue-capacity",
                           "--max-message-mib",
                           "--grace",
                           "--log-level",
                           "--log-labels",
                           "--check-health",
                           "--metrics-listen",
                           "--metrics-port-file",
                           "--self-check",
                           "--channelz",
                           "--keepalive-time",
                           "--keepalive-timeout",
                           "--max-connection-idle",
                           "--max-connection-age",
                           "--max-connection-age-grace",
                           "--max-streams"}) {
    EXPECT_THAT(result.out, HasSubstr(flag));
  }
}

TEST_F(CtxfitdTest, VersionFlagPrintsTheVersion) {
  const CommandResult result = RunCommand({CTXFITD_BINARY, "--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "ctxfitd " + Version() + "\n");
}

TEST_F(CtxfitdTest, UnusableFlagsEndCtxfitdWithTwo) {
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"--no-such-flag"}, "--no-such-flag"},
      {{"--listen", "localhost"}, "must be HOST:PORT"},
      {{"--listen", "127.0.0.1:65536"}, "port in [0, 65535]"},
      {{"--fits-at-once", "0"}, "--fits-at-once"},
      {{"--queue-capacity", "0"}, "--queue-capacity"},
      {{"--grace", "-1"}, "--grace"},
      {{"--grace", "nan"}, "--grace"},
      {{"--grace", "inf"}, "--grace"},
      {{"--cpu-threads", "1000000"}, "--cpu-threads"},
      {{"--keepalive-time", "nan"}, "--keepalive-time"},
      {{"--max-streams", "0"}, "--max-streams"},
      {{"--listen", "unix:"}, "unix:PATH"},
      {{"--log-level", "loud"}, "--log-level"},
  };
  for (const auto& [flags, message] : cases) {
    std::vector<std::string> command = {CTXFITD_BINARY};
    command.insert(command.end(), flags.begin(), flags.end());
    const CommandResult result = RunCommand(command);
    EXPECT_EQ(result.exit_code, 2) << flags[0];
    EXPECT_THAT(result.err, HasSubstr(message));
  }
}

TEST_F(CtxfitdTest, APortThatAnotherServerHoldsEndsCtxfitdWithOneAndTheAddress) {
  StartDaemon();
  const CommandResult result = RunCommand({CTXFITD_BINARY, "--listen", address_});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot listen on " + address_));
}

TEST_F(CtxfitdTest, HealthCheckAsksAnotherServer) {
  StartDaemon();
  EXPECT_EQ(RunCommand({CTXFITD_BINARY, "--check-health", address_}).exit_code, 0);
  daemon_->Signal(SIGTERM);
  EXPECT_EQ(daemon_->Wait().exit_code, 0);
  const CommandResult result = RunCommand({CTXFITD_BINARY, "--check-health", address_});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr(address_));
}

TEST_F(CtxfitdTest, LogsEveryRequestAsKeysAndValues) {
  StartDaemon();
  grpc::ClientContext context;
  v1::FitResponse response;
  ASSERT_TRUE(fitting_->Fit(&context, ShortRequest(), &response).ok());
  daemon_->Signal(SIGTERM);
  const CommandResult result = daemon_->Wait();
  EXPECT_THAT(result.err, HasSubstr("event=serving"));
  EXPECT_THAT(result.err, HasSubstr("method=Fit"));
  EXPECT_THAT(result.err, HasSubstr("rows=500"));
  EXPECT_EQ(result.out, "");
}

TEST_F(CtxfitdTest, LogsTheStepsOfAFitAtTheLevelTraceOnly) {
  for (const std::string level : {"debug", "trace"}) {
    StartDaemon({"--log-level", level});
    grpc::ClientContext context;
    v1::FitResponse response;
    ASSERT_TRUE(fitting_->Fit(&context, ShortRequest(), &response).ok());
    daemon_->Signal(SIGTERM);
    const CommandResult result = daemon_->Wait();
    const bool traced = level == "trace";
    for (const char* event : {"generation", "search_end", "refinement_end", "basin", "replicates"}) {
      const std::string line = std::string("level=trace event=") + event + " task=\"\" ";
      EXPECT_EQ(result.err.find(line) != std::string::npos, traced) << level << ", " << line;
    }
    EXPECT_EQ(result.out, "");
  }
}

TEST_F(CtxfitdTest, SigtermLetsARunningFitFinish) {
  StartDaemon({"--grace", "600"});
  RunningFit fit(*fitting_, RequestOfSeconds());
  ASSERT_TRUE(fit.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  daemon_->Signal(SIGTERM);
  EXPECT_TRUE(AwaitNotServing());
  const grpc::Status status = fit.Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(fit.message().has_result());
  const CommandResult result = daemon_->Wait();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("finished=true"));
}

TEST_F(CtxfitdTest, ASecondSigtermCutsARunningFitShort) {
  StartDaemon({"--grace", "3600"});
  RunningFit fit(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(fit.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  daemon_->Signal(SIGTERM);
  ASSERT_TRUE(AwaitNotServing());
  daemon_->Signal(SIGTERM);
  EXPECT_EQ(fit.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(daemon_->Wait().exit_code, 0);
}

TEST_F(CtxfitdTest, FitsThatOutlastTheGraceAreCutShort) {
  StartDaemon({"--grace", "0.2"});
  RunningFit fit(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(fit.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  daemon_->Signal(SIGTERM);
  EXPECT_EQ(fit.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  const CommandResult result = daemon_->Wait();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("finished=false"));
}

// A client that is killed says nothing: the server learns of it by the end of its connection alone.
TEST_F(CtxfitdTest, AClientThatVanishesFreesTheWorker) {
  StartDaemon({"--fits-at-once", "1"});
  const std::string records = folder_ + "/records.csv";
  ASSERT_EQ(RunCommand({CTXFIT_BINARY, "simulate", "--records", "50000", "--out", records}).exit_code, 0);
  RunningCommand client(
      {CTXFIT_BINARY, "fit", records, "--resample", "record", "--replicates", "100000", "--server", address_});
  // A short fit that finds the worker taken: the client's fit runs.
  const auto work = [this] { return CpuTimeOfProcess(daemon_->process()); };
  absl::Duration alone;
  bool queued = false;
  for (const absl::Time limit = absl::Now() + kHangGuard; !queued && absl::Now() < limit;) {
    const absl::Duration begin = work();
    RunningFit fit(*fitting_, ShortRequest<v1::StreamFitRequest>());
    queued = fit.AwaitPhase(v1::FIT_PHASE_QUEUED) && fit.message().progress().queue_position() > 0;
    if (!queued && fit.Finish().ok()) alone = std::max(alone, work() - begin);
  }
  ASSERT_TRUE(queued);
  const absl::Duration begin = work();
  client.Signal(SIGKILL);
  grpc::ClientContext context;
  v1::FitResponse response;
  EXPECT_TRUE(fitting_->Fit(&context, ShortRequest(), &response).ok());
  // Within the contract's 100 ms on each thread.
  EXPECT_LT(work() - begin, absl::Milliseconds(100 * kSlowdown) * AvailableCpus() + alone);
}

}  // namespace
}  // namespace ctxfit
