#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "ctxfit/v1/server_service.grpc.pb.h"
#include "server/wire/version.h"
#include "tests/hang_guard.h"
#include "tests/server/ctxfitd_fixture.h"
#include "tests/server/http_get.h"
#include "tests/server/running_fit.h"

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WatchTest : public CtxfitdTest {
 protected:
  void StartWatched(std::vector<std::string> flags = {}) {
    for (const std::string& flag : {std::string("--metrics-listen"), std::string("127.0.0.1:0"),
                                    std::string("--metrics-port-file"), folder_ + "/metrics"}) {
      flags.push_back(flag);
    }
    StartDaemon(flags);
    metrics_ = AwaitPort(folder_ + "/metrics");
  }

  HttpAnswer Get(const std::string& path) const { return HttpGet(metrics_, path); }

  // Waits until the metrics have a line.
  bool AwaitMetric(const std::string& line) const {
    const absl::Time limit = absl::Now() + kHangGuard;
    while (Get("/metrics").text.find(line + "\n") == std::string::npos) {
      if (absl::Now() > limit) return false;
      absl::SleepFor(absl::Milliseconds(10));
    }
    return true;
  }

  grpc::Status Fit(const v1::FitRequest& request) {
    grpc::ClientContext context;
    v1::FitResponse response;
    return fitting_->Fit(&context, request, &response);
  }

  std::string metrics_;
};

TEST_F(WatchTest, ThePageOfMetricsIsWhatPrometheusReads) {
  if (!std::filesystem::exists(CTXFIT_PROMTOOL)) GTEST_SKIP() << "no promtool: tests/install-tools unpacks it";
  StartWatched();
  v1::FitRequest request = ShortRequest();
  for (int i = 0; i < request.observations().score_size(); ++i) {
    request.mutable_observations()->add_task(i % 2 == 0 ? "\xe4\xbb\xbb\"\n" : "b\\");
  }
  ASSERT_TRUE(Fit(request).ok());
  EXPECT_FALSE(Fit({}).ok());
  const HttpAnswer page = Get("/metrics");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.head, HasSubstr("text/plain; version=0.0.4"));
  const CommandResult checked = RunCommand({CTXFIT_PROMTOOL, "check", "metrics"}, page.text);
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err << page.text;
}

TEST_F(WatchTest, CountsCallsAndShowsEveryCounterFromTheStart) {
  StartWatched();
  const std::string before = Get("/metrics").text;
  for (const char* rpc : {"Fit", "StreamFit", "Ablate", "Compare", "Backtest", "StreamBacktest", "Predict", "Solve",
                          "Evaluate", "ServerInfo"}) {
    for (const char* code : {"OK", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "INTERNAL", "CANCELLED"}) {
      EXPECT_THAT(before, HasSubstr(absl::StrCat("ctxfit_calls_total{code=\"", code, "\",rpc=\"", rpc, "\"} 0\n")));
    }
  }
  for (const char* name : {"ctxfit_refusals_total{reason=\"queue_full\"} 0", "ctxfit_queue_waiting{queue=\"cpu\"} 0",
                           "ctxfit_queue_capacity{queue=\"cpu\"} 128", "ctxfit_log_lines_dropped_total 0",
                           "ctxfit_build_info{version=", "ctxfit_device_info{device=", "process_resident_memory_bytes ",
                           "process_open_fds ", "process_max_fds ", "ctxfit_check{check=\"listener\"} 1",
                           "ctxfit_fit_phase_seconds_total{phase=\"resample\"} 0"}) {
    EXPECT_THAT(before, HasSubstr(name));
  }
  ASSERT_TRUE(Fit(ShortRequest()).ok());
  EXPECT_FALSE(Fit({}).ok());
  EXPECT_TRUE(AwaitMetric("ctxfit_calls_total{code=\"OK\",rpc=\"Fit\"} 1"));
  EXPECT_TRUE(AwaitMetric("ctxfit_refusals_total{reason=\"invalid_request\"} 1"));
  EXPECT_THAT(Get("/metrics").text, AllOf(HasSubstr("ctxfit_queued_seconds_count{rpc=\"Fit\"} 1\n"),
                                          HasSubstr("ctxfit_search_candidate_records_per_second_count 1\n"),
                                          Not(HasSubstr("ctxfit_fit_phase_seconds_total{phase=\"resample\"} 0\n")),
                                          Not(HasSubstr("ctxfit_received_bytes_total{rpc=\"Fit\"} 0\n")),
                                          Not(HasSubstr("ctxfit_sent_bytes_total{rpc=\"Fit\"} 0\n"))));
}

TEST_F(WatchTest, ReadinessFollowsTheQueueAndLivenessDoesNot) {
  StartWatched({"--fits-at-once", "1", "--short-fits-at-once", "0", "--queue-capacity", "1"});
  EXPECT_EQ(Get("/livez").text, "ok\n");
  EXPECT_EQ(Get("/readyz").text, "ok\n");
  const HttpAnswer ready = Get("/readyz?verbose");
  EXPECT_EQ(ready.status, 200);
  for (const char* name : {"workers_cpu", "workers_predictions", "workers_readers", "listener", "queue_fits",
                           "queue_predictions", "descriptors", "draining"}) {
    EXPECT_THAT(ready.text, HasSubstr(absl::StrCat("[+]", name, " ok\n")));
  }
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  RunningFit waiting(*fitting_, ShortRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(waiting.AwaitPhase(v1::FIT_PHASE_QUEUED));
  EXPECT_EQ(Fit(ShortRequest()).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(AwaitMetric("ctxfit_refusals_total{reason=\"queue_full\"} 1"));
  EXPECT_THAT(Get("/metrics").text, HasSubstr("ctxfit_places_taken{of=\"fits\"} 1\n"));
  const HttpAnswer full = Get("/readyz");
  EXPECT_EQ(full.status, 503);
  EXPECT_THAT(full.text, HasSubstr("[-]queue_fits failed: full: 1 wait\n"));
  EXPECT_EQ(Get("/livez").status, 200);
  EXPECT_EQ(Get("/elsewhere").status, 404);
}

TEST_F(WatchTest, AnswersToASlowReaderAreWrittenWholeWithinTheGrace) {
  StartWatched({"--grace", "600"});
  v1::StreamFitRequest request = ShortRequest<v1::StreamFitRequest>();
  request.mutable_options()->mutable_bootstrap()->set_replicates(20000);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // the window of a stream stays at 64 KiB
  const auto stub =
      v1::FittingService::NewStub(grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments));
  RunningFit slow(*stub, request);
  ASSERT_TRUE(slow.Read()) << "and no more for now: the window of the stream is full long before the answer ends";
  ASSERT_TRUE(AwaitMetric("ctxfit_queue_running{queue=\"cpu\"} 0"));
  ASSERT_TRUE(AwaitMetric("ctxfit_open_calls 1"));
  daemon_->Signal(SIGTERM);
  ASSERT_TRUE(AwaitNotServing());
  absl::SleepFor(absl::Seconds(1));  // longer than gRPC gets to flush what is left
  EXPECT_EQ(Get("/readyz").status, 503);
  const grpc::Status status = slow.Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_GT(slow.message().result().ByteSizeLong(), 1u << 19);
  const CommandResult result = daemon_->Wait();
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("finished=true"));
}

TEST_F(WatchTest, ServerInfoTellsVersionLimitsAndDevices) {
  StartDaemon({"--queue-capacity", "7", "--fits-at-once", "3", "--max-message-mib", "5"});
  const auto stub = v1::ServerService::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::ServerInfoResponse info;
  ASSERT_TRUE(stub->ServerInfo(&context, {}, &info).ok());
  EXPECT_EQ(info.version(), Version());
  EXPECT_GT(info.start_time().seconds(), 0);
  ASSERT_GE(info.devices_size(), 1);
  EXPECT_EQ(info.devices(0).name(), "cpu");
  EXPECT_THAT(info.devices(0).description(), HasSubstr("thread"));
  EXPECT_EQ(info.devices(0).fits_at_once(), 3);
  EXPECT_EQ(info.limits().queue_capacity(), 7);
  EXPECT_EQ(info.limits().max_message_bytes(), 5 << 20);
}

TEST_F(WatchTest, AConnectionWithoutCallsIsClosed) {
  StartDaemon({"--max-connection-idle", "0.1"});
  const auto channel = grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  ASSERT_TRUE(channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kHangGuard)));
  EXPECT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, absl::ToChronoTime(absl::Now() + kHangGuard)));
}

TEST_F(WatchTest, AnAgedConnectionIsClosedAndItsCallFinishes) {
  StartDaemon({"--max-connection-age", "0.5"});
  const auto channel = grpc::CreateChannel(address_, grpc::InsecureChannelCredentials());
  const auto stub = v1::FittingService::NewStub(channel);
  std::unique_ptr<RunningFit> fit;
  const absl::Time limit = absl::Now() + kHangGuard;
  do {  // a call that comes just as the connection ends is refused
    fit = std::make_unique<RunningFit>(*stub, RequestOfSeconds());
  } while (!fit->AwaitPhase(v1::FIT_PHASE_RESAMPLE) && absl::Now() < limit);
  EXPECT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY, absl::ToChronoTime(absl::Now() + kHangGuard)));
  EXPECT_TRUE(fit->Finish().ok());
}

TEST_F(WatchTest, ListensOnAUnixSocketThatNoOtherServerHolds) {
  const std::string address = "unix:" + folder_ + "/socket";
  RunningCommand server({CTXFITD_BINARY, "--listen", address, "--self-check", "1"});
  ASSERT_TRUE(server.AwaitErr("event=serving"));
  EXPECT_EQ(RunCommand({CTXFITD_BINARY, "--check-health", address}).exit_code, 0);
  const CommandResult second = RunCommand({CTXFITD_BINARY, "--listen", address});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("cannot listen on " + address));
  EXPECT_EQ(RunCommand({CTXFITD_BINARY, "--check-health", address}).exit_code, 0) << "it still has its socket";
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Wait().exit_code, 0);
}

// A server that ran out of descriptors accepts no connection any more, even once there are some again.
TEST_F(WatchTest, ADeafServerEndsForARestart) {
  StartDaemon({"--self-check", "2"}, {"/bin/sh", "-c", "ulimit -n 64; exec \"$@\"", "sh"});
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address_.c_str() + address_.rfind(':') + 1)));
  std::vector<int> connections;
  for (int i = 0; i < 80; ++i) {
    connections.push_back(socket(AF_INET, SOCK_STREAM, 0));
    connect(connections.back(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }
  ASSERT_TRUE(daemon_->AwaitErr("Too many open files"));
  for (const int connection : connections) close(connection);
  const CommandResult result = daemon_->Wait();
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("event=deaf"));
}

TEST_F(WatchTest, RaisesTheLimitOnDescriptors) {
  StartDaemon({}, {"/bin/sh", "-c", "ulimit -S -n 128; ulimit -H -n 512; exec \"$@\"", "sh"});
  EXPECT_TRUE(daemon_->AwaitErr("descriptors=512"));
}

}  // namespace
}  // namespace ctxfit
