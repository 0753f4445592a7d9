#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tests/hang_guard.h"
#include "tests/server/call_with_bytes.h"
#include "tests/server/ctxfitd_fixture.h"
#include "tests/server/http_get.h"
#include "tests/server/running_fit.h"

namespace ctxfit {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A ctxfitd whose standard error is a pipe with this test at its other end.
class PipedLogTest : public CtxfitdTest {
 protected:
  ~PipedLogTest() override { ClosePipe(); }

  void StartPiped() {
    const std::string pipe = folder_ + "/log";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    pipe_ = open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    StartDaemon({"--metrics-listen", "127.0.0.1:0", "--metrics-port-file", folder_ + "/metrics"},
                {"/bin/sh", "-c", "exec \"$@\" 2>" + pipe, "sh"});
    metrics_ = AwaitPort(folder_ + "/metrics");
  }

  void ClosePipe() {
    if (pipe_ >= 0) close(pipe_);
    pipe_ = -1;
  }

  // Reads what is in the pipe now.
  std::string ReadPipe() const {
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(pipe_, buffer, sizeof(buffer))) > 0;) text.append(buffer, size);
    return text;
  }

  bool HasNoLoss() const {
    return HttpGet(metrics_, "/metrics").text.find("ctxfit_log_lines_dropped_total 0\n") != std::string::npos;
  }

  // Makes calls that are refused at once, and returns how many were answered so.
  int CallInvalid(int count) const {
    int answered = 0;
    for (int i = 0; i < count; ++i) {
      grpc::ClientContext context;
      v1::PredictResponse response;
      const grpc::StatusCode code = planning_->Predict(&context, {}, &response).error_code();
      answered += code == grpc::StatusCode::INVALID_ARGUMENT;
    }
    return answered;
  }

  int pipe_ = -1;
  std::string metrics_;
};

TEST_F(PipedLogTest, AReaderThatStallsHoldsUpNoCallAndDroppedLinesAreCounted) {
  StartPiped();
  EXPECT_EQ(CallInvalid(2000), 2000);
  grpc::ClientContext context;
  v1::FitResponse response;
  const grpc::Status fitted = fitting_->Fit(&context, ShortRequest(), &response);
  EXPECT_TRUE(fitted.ok()) << fitted.error_message();
  EXPECT_THAT(HttpGet(metrics_, "/metrics").text,
              AllOf(Not(HasSubstr("ctxfit_log_lines_dropped_total 0\n")),
                    HasSubstr("ctxfit_calls_total{code=\"INVALID_ARGUMENT\",rpc=\"Predict\"} 2000\n")));
  // The reader goes on.
  std::string log;
  const absl::Time limit = absl::Now() + kHangGuard;
  while (log.find("event=log_lines_dropped count=") == std::string::npos && absl::Now() < limit) log += ReadPipe();
  EXPECT_THAT(log, HasSubstr("event=log_lines_dropped count="));
}

TEST_F(PipedLogTest, AServerWhoseLogStallsEndsInOrder) {
  StartPiped();
  EXPECT_EQ(CallInvalid(1000), 1000);
  daemon_->Signal(SIGTERM);
  EXPECT_EQ(daemon_->Wait().exit_code, 0);
}

TEST_F(PipedLogTest, AReaderThatIsGoneEndsNothing) {
  StartPiped();
  ClosePipe();
  EXPECT_EQ(CallInvalid(100), 100);
  const absl::Time limit = absl::Now() + kHangGuard;
  while (HasNoLoss() && absl::Now() < limit) absl::SleepFor(absl::Milliseconds(10));
  EXPECT_FALSE(HasNoLoss());
  daemon_->Signal(SIGTERM);
  EXPECT_EQ(daemon_->Wait().exit_code, 0);
}

// A name that would be a line of its own, in colour.
constexpr char kEvilName[] = "x\r\ntime=now level=error event=FAKE \x1b[31m\u202e";

class LogTextTest : public CtxfitdTest {
 protected:
  // The log of a server that refused a request with that name.
  std::string LogOf(const std::vector<std::string>& flags) {
    StartDaemon(flags);
    v1::FitRequest request = ShortRequest();
    request.mutable_options()->add_fixed()->set_name(kEvilName);
    grpc::ClientContext context;
    v1::FitResponse response;
    const grpc::Status status = fitting_->Fit(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("event=FAKE")) << "the test's own premise";
    daemon_->Signal(SIGTERM);
    return daemon_->Wait().err;
  }
};

TEST_F(LogTextTest, TextsOfUsersAreNotLoggedByDefault) {
  const std::string log = LogOf({});
  EXPECT_THAT(log, HasSubstr("status=INVALID_ARGUMENT"));
  EXPECT_THAT(log, HasSubstr("options.fixed[0].name"));
  EXPECT_THAT(log, Not(HasSubstr("FAKE")));
}

TEST_F(LogTextTest, ControlCharactersOfLoggedTextsAreEscaped) {
  const std::string log = LogOf({"--log-labels"});
  EXPECT_THAT(log, HasSubstr("x\\r\\ntime=now level=error event=FAKE \\x1b[31m\\u202e"));
  for (const char c : log) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  for (const absl::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    EXPECT_EQ(line.substr(0, 7), "time=20") << line;
  }
}

TEST_F(LogTextTest, CeresWritesNoNumbersOfUsers) {
  StartDaemon();
  v1::FitRequest request = ShortRequest();
  request.mutable_observations()->mutable_weight()->Resize(500, 1e308);
  grpc::ClientContext context;
  v1::FitResponse response;
  fitting_->Fit(&context, request, &response);
  daemon_->Signal(SIGTERM);
  const std::string log = daemon_->Wait().err;
  for (const absl::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    EXPECT_EQ(line.substr(0, 5), "time=") << line;
  }
}

class CallLogTest : public CtxfitdTest {
 protected:
  // A call with a request id of its own.
  struct Call {
    explicit Call(const std::string& id) { context.AddMetadata("x-request-id", id); }
    grpc::ClientContext context;
    v1::FitResponse fit;
    v1::PredictResponse prediction;
  };
};

// Waits until no fit has a place in the queue: a server learns a little later that a call is over.
void AwaitFreePlaces(const std::string& metrics_port) {
  const absl::Time limit = absl::Now() + kHangGuard;
  while (HttpGet(metrics_port, "/metrics").text.find("ctxfit_places_taken{of=\"fits\"} 0\n") == std::string::npos &&
         absl::Now() < limit) {
    absl::SleepFor(absl::Milliseconds(10));
  }
}

TEST_F(CallLogTest, EveryCallHasOneLineWhateverBecomesOfIt) {
  StartDaemon({"--fits-at-once", "1", "--short-fits-at-once", "0", "--queue-capacity", "1", "--metrics-listen",
               "127.0.0.1:0", "--metrics-port-file", folder_ + "/metrics"});
  const std::string metrics = AwaitPort(folder_ + "/metrics");
  Call invalid("invalid");
  EXPECT_FALSE(planning_->Predict(&invalid.context, {}, &invalid.prediction).ok());
  Call no_rows("no-rows");
  EXPECT_FALSE(fitting_->Fit(&no_rows.context, {}, &no_rows.fit).ok());
  {
    grpc::GenericStub stub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
    const grpc::Slice garbage("\xff\xff\xff");
    const grpc::ByteBuffer bytes(&garbage, 1);
    grpc::ByteBuffer reply;
    for (const char* method : {"PlanningService/Predict", "PlanningService/Solve", "PlanningService/Evaluate",
                               "FittingService/Fit", "FittingService/Ablate", "FittingService/Compare"}) {
      EXPECT_EQ(CallWithBytes(stub, method, bytes, reply).error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    }
  }
  {
    RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
    ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
    Call late("late");  // not refused at once: no fit has shown the pace yet
    late.context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Milliseconds(200)));
    EXPECT_FALSE(fitting_->Fit(&late.context, ShortRequest(), &late.fit).ok());
    AwaitFreePlaces(metrics);
    RunningFit waiting(*fitting_, ShortRequest<v1::StreamFitRequest>());
    ASSERT_TRUE(waiting.AwaitPhase(v1::FIT_PHASE_QUEUED));
    Call refused("refused");
    EXPECT_EQ(fitting_->Fit(&refused.context, ShortRequest(), &refused.fit).error_code(),
              grpc::StatusCode::RESOURCE_EXHAUSTED);
    waiting.context().TryCancel();
    waiting.Finish();
  }
  AwaitFreePlaces(metrics);
  Call answered("answered");
  answered.context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_TRUE(fitting_->Fit(&answered.context, ShortRequest(), &answered.fit).ok());
  const auto& returned = answered.context.GetServerInitialMetadata();
  ASSERT_NE(returned.find("x-request-id"), returned.end());
  EXPECT_EQ(returned.find("x-request-id")->second, "answered");
  daemon_->Signal(SIGTERM);
  const std::string log = daemon_->Wait().err;

  std::map<std::string, std::vector<std::string>> lines;  // by request id
  int calls = 0;
  int malformed = 0;
  int cancelled = 0;
  for (const absl::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    if (line.find("event=call ") == absl::string_view::npos) continue;
    ++calls;
    const std::string id(std::vector<std::string>(absl::StrSplit(line, "request_id="))[1]);
    lines[id.substr(0, id.find(' '))].emplace_back(line);
    malformed += line.find("bytes_in=3 ") != absl::string_view::npos;
    cancelled += line.find("cancelled=client") != absl::string_view::npos;
  }
  EXPECT_EQ(calls, 5 + 6 + 2) << log;
  EXPECT_EQ(malformed, 6) << log;
  EXPECT_EQ(cancelled, 2) << log;
  const std::map<std::string, std::vector<std::string>> expected = {
      {"answered",
       {"method=Fit status=OK", "rows=500", "backend=cpu", "peer=ipv4:127.0.0.1:",
        "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "deadline_ms=none"}},
      {"invalid", {"method=Predict status=INVALID_ARGUMENT"}},
      {"no-rows", {"method=Fit status=INVALID_ARGUMENT", "bytes_in=0"}},
      {"refused", {"method=Fit status=RESOURCE_EXHAUSTED", "level=warn"}},
      {"late", {"method=Fit status=", "cancelled=deadline", "ran_ms=0.0"}}};
  for (const auto& [id, texts] : expected) {
    ASSERT_EQ(lines[id].size(), 1u) << id << "\n" << log;
    for (const std::string& text : texts) EXPECT_THAT(lines[id][0], HasSubstr(text));
  }
}

}  // namespace
}  // namespace ctxfit
