#include "server/wire/error_details.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "server/wire/status.h"

namespace ctxfit {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

// Returns the detail of that type.
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

TEST(ErrorDetailsTest, EveryErrorHasAReasonOfTheDomain) {
  for (const absl::Status& status :
       {absl::InvalidArgumentError("a"), absl::FailedPreconditionError("a"), absl::ResourceExhaustedError("a"),
        absl::DeadlineExceededError("a"), absl::CancelledError("a"), absl::UnavailableError("a"),
        absl::InternalError("a")}) {
    const auto info = DetailOf<google::rpc::ErrorInfo>(ToGrpcStatus(status));
    EXPECT_EQ(info.domain(), "ctxfit") << status;
    EXPECT_EQ(info.reason(), ReasonOf(status)) << status;
    EXPECT_NE(info.reason(), "") << status;
  }
  EXPECT_EQ(ReasonOf(absl::InternalError("a")), "SERVER_FAULT");
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
}

TEST(ErrorDetailsTest, PayloadsBecomeDetails) {
  const absl::Status status = WithRetry(
      WithResource(WithReason(absl::ResourceExhaustedError("full"), "QUEUE_FULL", {{"waiting", "7"}}), "queue", "fits"),
      absl::Milliseconds(1500));
  const grpc::Status converted = ToGrpcStatus(status);
  EXPECT_EQ(converted.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(converted.error_message(), "full");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(converted).reason(), "QUEUE_FULL");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(converted).metadata().at("waiting"), "7");
  EXPECT_EQ(DetailOf<google::rpc::ResourceInfo>(converted).resource_name(), "fits");
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(converted).retry_delay().seconds(), 1);
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(converted).retry_delay().nanos(), 500000000);
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(1500));
  EXPECT_FALSE(RetryDelayOf(absl::InternalError("a")));
}

TEST(ErrorDetailsTest, AnInvalidFieldIsAViolation) {
  const std::string message = "observations.score[17] = 1.2: must be in [0, 1]";
  const auto bad = DetailOf<google::rpc::BadRequest>(ToGrpcStatus(absl::InvalidArgumentError(message)));
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "observations.score[17]");
  EXPECT_EQ(bad.field_violations(0).description(), message);
}

TEST(ErrorDetailsTest, FindsTheFieldThatAMessageBeginsWith) {
  EXPECT_EQ(FieldOf("observations.weight has 1 rows: must have 500"), "observations.weight");
  EXPECT_EQ(FieldOf("options.floor.by_task[\"a ] = b\"]: must name a task"), "options.floor.by_task[\"a ] = b\"]");
  EXPECT_EQ(FieldOf("fit is unset: must be a fit of FittingService"), "fit");
  EXPECT_EQ(FieldOf("the request is not a valid ctxfit.v1.FitRequest"), "");
  EXPECT_EQ(FieldOf("grid has more than 1000000 points"), "grid");
  EXPECT_EQ(FieldOf(""), "");
}

TEST(ErrorDetailsTest, ALongTextKeepsItsBeginningAndItsEndWithinWhatItTakesEncoded) {
  const std::string plain = "begin" + std::string(1000000, 'x') + "end";
  const std::string cut = Shorten(plain, 1024);
  EXPECT_LE(cut.size(), 1024u);
  EXPECT_GT(cut.size(), 1000u);
  EXPECT_THAT(cut, StartsWith("beginxxx"));
  EXPECT_THAT(cut, EndsWith("xxxend"));
  EXPECT_EQ(Shorten("short", 1024), "short");
  EXPECT_EQ(Shorten(std::string(1024, 'x'), 1024), std::string(1024, 'x'));
}

TEST(ErrorDetailsTest, CharactersAreNotCutAndCountWhatTheyTakeEncoded) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xe4\xb8\x96";  // 3 bytes, 9 once encoded
  const std::string cut = Shorten(text, 1024);
  EXPECT_EQ((cut.size() - 5) % 3, 0u);
  EXPECT_LE((cut.size() - 5) * 3 + 5, 1024u);
  EXPECT_GT((cut.size() - 5) * 3, 950u);
  EXPECT_THAT(cut, StartsWith("\xe4\xb8\x96"));
  EXPECT_THAT(cut, EndsWith("\xe4\xb8\x96"));
}

}  // namespace
}  // namespace ctxfit
