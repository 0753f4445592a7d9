#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "kernels/backend/backend.h"
#include "tests/server/call_with_bytes.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

// Requests that Fit and StreamFit both refuse, with a message that says what to change.
class FitErrorsTest : public ServerTest {
 protected:
  void ExpectRefused(const v1::FitRequest& request, grpc::StatusCode code, const std::string& message) {
    const grpc::Status status = Fit(request);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(message));

    v1::StreamFitRequest stream_request;
    *stream_request.mutable_observations() = request.observations();
    *stream_request.mutable_options() = request.options();
    RunningFit fit(*fitting_, stream_request);
    // Values are checked when the fit's turn comes: its place in the queue may be reported before, but no phase of it.
    while (fit.Read()) EXPECT_EQ(fit.message().progress().phase(), v1::FIT_PHASE_QUEUED);
    const grpc::Status stream_status = fit.Finish();
    EXPECT_EQ(stream_status.error_code(), code) << stream_status.error_message();
    EXPECT_THAT(stream_status.error_message(), HasSubstr(message));
  }
};

TEST_F(FitErrorsTest, ABadValueNamesItsColumnRowValueAndRule) {
  v1::FitRequest request = ShortRequest();
  request.mutable_observations()->set_score(17, 1.2);
  ExpectRefused(request, grpc::StatusCode::INVALID_ARGUMENT, "observations.score[17] = 1.2: must be in [0, 1]");
  request = ShortRequest();
  request.mutable_observations()->set_prompt_tokens(499, std::numeric_limits<double>::quiet_NaN());
  ExpectRefused(request, grpc::StatusCode::INVALID_ARGUMENT,
                "observations.prompt_tokens[499] = nan: must be finite and > 0");
}

TEST_F(FitErrorsTest, ColumnsOfUnequalLengthNameBothLengths) {
  v1::FitRequest request = ShortRequest();
  request.mutable_observations()->add_weight(1);
  ExpectRefused(request, grpc::StatusCode::INVALID_ARGUMENT,
                "observations.weight has 1 rows: must have 500, as many as observations.score");
}

TEST_F(FitErrorsTest, NoObservationsAreTooFew) {
  ExpectRefused({}, grpc::StatusCode::INVALID_ARGUMENT, "observations.score has 0 rows: must have at least 1");
}

TEST_F(FitErrorsTest, AFloorOfATaskThatIsNotThereNamesTheTasks) {
  v1::FitRequest request = ShortRequest();
  (*request.mutable_options()->mutable_floor()->mutable_by_task())["qa"] = 0.25;
  ExpectRefused(request, grpc::StatusCode::INVALID_ARGUMENT,
                "options.floor.by_task[\"qa\"]: must name a task of the observations, which are \"");
}

TEST_F(FitErrorsTest, ABadOptionNamesItsFieldValueAndRule) {
  v1::FitRequest request = ShortRequest();
  request.mutable_options()->mutable_bootstrap()->set_confidence(1.5);
  ExpectRefused(request, grpc::StatusCode::INVALID_ARGUMENT, "options.bootstrap.confidence = 1.5: must be in (0, 1)");
}

TEST_F(FitErrorsTest, CudaIsRefusedWhereThereIsNone) {
  if (CudaDeviceCount() > 0) GTEST_SKIP() << "this machine has a GPU";
  v1::FitRequest request = ShortRequest();
  request.mutable_options()->set_backend(v1::BACKEND_CUDA);
  ExpectRefused(request, grpc::StatusCode::FAILED_PRECONDITION, "CUDA");
}

TEST_F(FitErrorsTest, AFullQueueRefusesWithItsLengthBeforeItReadsTheRequest) {
  StartServer({}, 1);
  RunningFit running(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(running.AwaitPhase(v1::FIT_PHASE_RESAMPLE));
  RunningFit waiting(*fitting_, LongRequest<v1::StreamFitRequest>());
  ASSERT_TRUE(waiting.AwaitPhase(v1::FIT_PHASE_QUEUED));
  ExpectRefused(ShortRequest(), grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full: 1 fits wait already");
  v1::FitRequest bad_value = ShortRequest();
  bad_value.mutable_observations()->set_score(0, 2);  // seen only when the turn comes of a request that has a place
  ExpectRefused(bad_value, grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full: 1 fits wait already");
  v1::FitRequest bad_length = ShortRequest();
  bad_length.mutable_observations()->add_weight(1);  // seen only when a request is read, for which it needs a place
  ExpectRefused(bad_length, grpc::StatusCode::RESOURCE_EXHAUSTED, "the queue is full: 1 fits wait already");
}

TEST_F(FitErrorsTest, AMessageLargerThanTheLimitIsRefused) {
  ServerOptions options;
  options.max_message_bytes = 4096;
  StartServer(options, 1);
  ExpectRefused(ShortRequest(), grpc::StatusCode::RESOURCE_EXHAUSTED, "4096");
}

TEST_F(FitErrorsTest, ARequestAtSizeOfMebibytesIsTaken) {
  v1::FitRequest request;
  *request.mutable_observations() = SimulatedObservations(240000);
  request.mutable_observations()->clear_cluster();
  ASSERT_GT(request.ByteSizeLong(), 7u << 20);
  // Nothing to fit or to resample: this is about the message.
  for (const char* name : {"compute_coefficient", "compute_exponent", "context_coefficient", "context_exponent"}) {
    v1::FixedParameter* fixed = request.mutable_options()->add_fixed();
    fixed->set_name(name);
    fixed->set_value(1);
  }
  request.mutable_options()->mutable_bootstrap()->set_replicates(0);
  const grpc::Status status = Fit(request);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST(ServerStartTest, APortThatAnotherServerHoldsIsRefusedByName) {
  ServerOptions options;
  options.port = 0;
  ServiceOptions services;
  services.logger = MakeInProcessLogger();
  const absl::StatusOr<std::unique_ptr<Server>> first = Server::Start(options, services);
  ASSERT_TRUE(first.ok()) << first.status();
  options.port = (*first)->port();
  const absl::Status status = Server::Start(options, services).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("127.0.0.1:" + std::to_string(options.port)));
}

TEST_F(FitErrorsTest, BytesThatAreNoRequestAreRefused) {
  grpc::GenericStub stub(Connect());
  const grpc::Slice slice("\x0a\x7f");
  const grpc::ByteBuffer bytes(&slice, 1);
  grpc::ByteBuffer reply;
  for (const std::string method :
       {"FittingService/Fit", "FittingService/StreamFit", "FittingService/Ablate", "FittingService/Compare",
        "PlanningService/Evaluate", "PlanningService/Predict", "PlanningService/Solve"}) {
    const grpc::Status status = CallWithBytes(stub, method, bytes, reply);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_THAT(status.error_message(), HasSubstr("the request is not a valid ctxfit.v1.")) << method;
  }
}

}  // namespace
}  // namespace ctxfit
