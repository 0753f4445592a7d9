#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/create_channel_posix.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "tests/server/call_with_bytes.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

template <class Detail>
Detail DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  Detail detail;
  for (const google::protobuf::Any& any : details.details()) {
    if (any.Is<Detail>()) any.UnpackTo(&detail);
  }
  return detail;
}

std::string ReasonIn(const grpc::Status& status) { return DetailOf<google::rpc::ErrorInfo>(status).reason(); }

class AdmissionTest : public ServerTest {
 protected:
  // A server with one worker for fits of any size, and one for short ones if asked.
  void Start(std::size_t capacity, int short_fits_at_once = 0) {
    ServiceOptions services;
    services.devices.fits_at_once = 1;
    services.devices.short_fits_at_once = short_fits_at_once;
    services.devices.capacity = capacity;
    StartServer({}, std::move(services));
  }

  // A client that calls from another address of this machine: another caller.
  std::unique_ptr<v1::FittingService::Stub> StubFrom(const std::string& address) const {
    const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in from = {};
    from.sin_family = AF_INET;
    inet_pton(AF_INET, address.c_str(), &from.sin_addr);
    EXPECT_EQ(bind(socket_fd, reinterpret_cast<const sockaddr*>(&from), sizeof(from)), 0);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(server_->port()));
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    EXPECT_EQ(connect(socket_fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
    return v1::FittingService::NewStub(grpc::CreateInsecureChannelFromFd(address, socket_fd));
  }

  // Starts large fits until one is refused, and returns that refusal. They wait for each other.
  grpc::Status FillFrom(v1::FittingService::Stub& stub, std::vector<std::unique_ptr<RunningFit>>& fits) {
    constexpr int kMany = 70;
    const v1::StreamFitRequest request = LongRequest<v1::StreamFitRequest>();
    for (int i = 0; i < kMany; ++i) {
      auto fit = std::make_unique<RunningFit>(stub, request);
      if (!fit->Read()) return fit->Finish();
      fits.push_back(std::move(fit));
    }
    return grpc::Status::OK;
  }
};

TEST_F(AdmissionTest, AFullQueueTellsWhenToComeBackInDetailsAndTrailers) {
  Start(1);
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  RunningFit waiting(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(waiting.AwaitPhase(v1::FIT_PHASE_QUEUED));
  grpc::ClientContext context;
  v1::FitResponse response;
  const grpc::Status status = fitting_->Fit(&context, ShortRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonIn(status), "QUEUE_FULL");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(status).resource_type(), "queue");
  const google::protobuf::Duration delay = DetailOf<google::rpc::RetryInfo>(status).retry_delay();
  EXPECT_GT(delay.seconds() + delay.nanos(), 0);
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto pushback = trailers.find("grpc-retry-pushback-ms");
  ASSERT_NE(pushback, trailers.end());
  std::int64_t milliseconds = 0;
  ASSERT_TRUE(absl::SimpleAtoi(std::string(pushback->second.begin(), pushback->second.end()), &milliseconds));
  EXPECT_EQ(milliseconds, delay.seconds() * 1000 + delay.nanos() / 1000000);
}

TEST_F(AdmissionTest, OneCallerWhoFillsTheQueueGetsNoOtherOneRefused) {
  Start(12);
  std::vector<std::unique_ptr<RunningFit>> greedy;
  const grpc::Status refused = FillFrom(*fitting_, greedy);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonIn(refused), "CALLER_SHARE");
  EXPECT_THAT(refused.error_message(), HasSubstr("6 of its fits wait already"));
  const auto other = StubFrom("127.0.0.2");
  RunningFit modest(*other, ShortRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(modest.Read());
  // Its small fit is the next, before the large ones that came first.
  while (modest.message().progress().queue_position() != 1 && modest.Read()) continue;
  EXPECT_EQ(modest.message().progress().queue_position(), 1);
  greedy.front()->context().TryCancel();
  EXPECT_TRUE(modest.Finish().ok());
  EXPECT_TRUE(modest.message().has_result());
  for (std::size_t i = 2; i < greedy.size(); ++i) {
    EXPECT_TRUE(greedy[i]->Read());
    EXPECT_EQ(greedy[i]->message().progress().phase(), v1::FIT_PHASE_QUEUED);
  }
}

TEST_F(AdmissionTest, AShortFitIsAnsweredWhileLargeOnesRunAndWait) {
  Start(32, 1);
  std::vector<std::unique_ptr<RunningFit>> large;
  for (int i = 0; i < 12; ++i) {
    large.push_back(std::make_unique<RunningFit>(*fitting_, LongRequest<v1::StreamFitRequest>()));
    ASSERT_TRUE(large.back()->Read());
  }
  ASSERT_TRUE(large.front()->AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  EXPECT_TRUE(Fit(ShortRequest()).ok());
  for (const std::unique_ptr<RunningFit>& fit : large) EXPECT_TRUE(fit->Read()) << "none has ended";
}

TEST_F(AdmissionTest, ADeadlineThatPassesInTheQueueIsRefusedAtOnce) {
  Start(32);
  const v1::FitRequest short_request = ShortRequest();
  ASSERT_TRUE(Fit(short_request).ok());  // shows the pace
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  const auto other = StubFrom("127.0.0.2");
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
  v1::FitResponse response;
  const grpc::Status status = fitting_->Fit(&context, short_request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_EQ(ReasonIn(status), "DEADLINE_TOO_SHORT");
  EXPECT_THAT(status.error_message(), HasSubstr("s of other fits come first"));
  EXPECT_GT(DetailOf<google::rpc::RetryInfo>(status).retry_delay().seconds(), 5);
}

TEST_F(AdmissionTest, AServersOwnDeadlineEndsACallWithoutOne) {
  ServiceOptions services;
  services.limits.max_deadline = absl::Milliseconds(200);
  StartServer({}, std::move(services));
  v1::FitResponse response;
  grpc::ClientContext context;
  const grpc::Status status = fitting_->Fit(&context, LongRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(ReasonIn(status), "DEADLINE_PASSED");
}

TEST_F(AdmissionTest, ARequestBeyondTheBudgetOfProcessorTimeIsRefusedWithBothFigures) {
  ServiceOptions services;
  services.limits.max_cpu_seconds = 60;
  StartServer({}, std::move(services));
  v1::FitRequest request = ShortRequest();
  EXPECT_TRUE(Fit(request).ok());
  request.mutable_options()->mutable_bootstrap()->set_replicates(100000);
  request.mutable_options()->mutable_bootstrap()->set_global_replicates(100000);
  const grpc::Status status = Fit(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonIn(status), "CPU_BUDGET");
  EXPECT_THAT(status.error_message(), HasSubstr("and a call may take 60 s here"));
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(status).ByteSizeLong(), 0u) << "it will never do";

  v1::PredictRequest predict;
  for (int i = 0; i < 1000; ++i) {
    predict.mutable_grid()->add_training_compute_flops(1e22 + i);
    predict.mutable_grid()->add_prompt_tokens(1 + i);
  }
  predict.mutable_grid()->add_context_limit_tokens(4096);
  for (int i = 0; i < 100000; ++i) predict.mutable_fit()->mutable_replicates()->add_compute_coefficient(1);
  grpc::ClientContext context;
  v1::PredictResponse response;
  EXPECT_EQ(ReasonIn(planning_->Predict(&context, predict, &response)), "CPU_BUDGET");
}

TEST_F(AdmissionTest, MemoryIsRefusedBeforeARequestIsReadAndNamedInBothFigures) {
  ServiceOptions services;
  services.memory_bytes = std::int64_t{64} << 20;  // 16 MiB of it for requests, of which one may have 4
  StartServer({}, std::move(services));
  v1::FitRequest request;
  *request.mutable_observations() = SimulatedObservations(150000);  // more than 4 MiB
  const grpc::Status too_large = Fit(request);
  EXPECT_EQ(too_large.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(too_large.error_message(), HasSubstr("4194304"));

  // Small enough to be read, too large to be fitted.
  request.mutable_observations()->clear_cluster();
  *request.mutable_observations() = SimulatedObservations(80000);
  request.mutable_observations()->clear_cluster();
  request.mutable_options()->mutable_bootstrap()->set_replicates(100000);
  const grpc::Status too_much_work = Fit(request);
  EXPECT_EQ(too_much_work.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << too_much_work.error_message();
  EXPECT_EQ(ReasonIn(too_much_work), "MEMORY_BUDGET");
  EXPECT_THAT(too_much_work.error_message(), HasSubstr("of memory to run, and this server has 48.0 MiB for work"));

  // A list of empty messages, 88 times as large in memory.
  v1::EvaluateRequest bomb;
  for (int i = 0; i < 1000000; ++i) bomb.add_fits();
  grpc::ClientContext context;
  v1::EvaluateResponse response;
  const grpc::Status refused = planning_->Evaluate(&context, bomb, &response);
  EXPECT_EQ(ReasonIn(refused), "MEMORY_BUDGET") << refused.error_message();
  EXPECT_TRUE(Fit(ShortRequest()).ok());
}

TEST_F(AdmissionTest, ACompressedRequestIsRefused) {
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  v1::FitResponse response;
  const grpc::Status status = fitting_->Fit(&context, ShortRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("gzip"));
  EXPECT_TRUE(Fit(ShortRequest()).ok());
}

TEST_F(AdmissionTest, AnErrorThatQuotesALongNameArrivesCut) {
  v1::FitRequest request = ShortRequest();
  request.mutable_options()->add_fixed()->set_name(std::string(1000000, 'x'));
  const grpc::Status status = Fit(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
  EXPECT_LE(status.error_message().size(), 1024u);
  EXPECT_THAT(status.error_message(), HasSubstr("options.fixed"));
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).field_violations_size(), 1);
}

TEST_F(AdmissionTest, ListsBeyondTheirLimitsAreInvalid) {
  v1::FitRequest fit = ShortRequest();
  for (int i = 0; i < 65; ++i) fit.mutable_options()->add_bounds();
  EXPECT_THAT(Fit(fit).error_message(), HasSubstr("options.bounds has 65 values: must have at most 64"));
  v1::FitResponse fitted;
  ASSERT_TRUE(Fit(ShortRequest(), &fitted).ok());
  v1::PredictRequest predict;
  *predict.mutable_fit() = fitted.fits(0);
  predict.mutable_fit()->clear_replicates();
  for (int i = 0; i <= 1000000; ++i) {
    predict.mutable_points()->add_training_compute_flops(1e22);
    predict.mutable_points()->add_prompt_tokens(1000);
    predict.mutable_points()->add_context_limit_tokens(4096);
  }
  grpc::ClientContext context;
  v1::PredictResponse response;
  EXPECT_THAT(planning_->Predict(&context, predict, &response).error_message(),
              HasSubstr("points.prompt_tokens has 1000001 values: must have at most 1000000"));
}

}  // namespace
}  // namespace ctxfit
