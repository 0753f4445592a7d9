#include "server/wire/wire_messages.h"

#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/support/slice.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ctxfit/v1/comparison.pb.h"

namespace ctxfit {
namespace {

v1::CompareRequest MakeRequest() {
  v1::CompareRequest request;
  request.mutable_observations()->add_score(0.25);
  request.mutable_observations()->add_cluster("run 1");
  request.mutable_options()->set_seed(7);
  for (const std::string group : {"a", "a much longer name than a slice of this test"}) request.add_group(group);
  request.mutable_points()->add_prompt_tokens(1024);
  return request;
}

grpc::ByteBuffer InSlices(const std::string& bytes, std::size_t slice_bytes) {
  std::vector<grpc::Slice> slices;
  for (std::size_t begin = 0; begin < bytes.size(); begin += slice_bytes) {
    slices.emplace_back(bytes.substr(begin, slice_bytes));
  }
  return grpc::ByteBuffer(slices.data(), slices.size());
}

TEST(ReadRequestTest, SeparatesTheObservations) {
  v1::CompareRequest others = MakeRequest();
  others.clear_observations();
  for (const std::size_t slice_bytes : {1, 2, 3, 1000}) {
    const auto request = ReadRequest<v1::CompareRequest>(InSlices(MakeRequest().SerializeAsString(), slice_bytes));
    ASSERT_TRUE(request.ok()) << request.status();
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(request->message, others)) << slice_bytes;
    EXPECT_EQ(request->observations.score, std::vector<double>({0.25}));
    EXPECT_EQ(request->observations.cluster, Labels({"run 1"}));
  }
}

TEST(ReadRequestTest, ReadsWhatToBytesWrites) {
  const absl::StatusOr<grpc::ByteBuffer> bytes = ToBytes(MakeRequest());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto request = ReadRequest<v1::CompareRequest>(*bytes);
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->message.group_size(), 2);
  EXPECT_EQ(request->observations.score.size(), 1u);
}

TEST(ReadRequestTest, ReadsAnEmptyRequest) {
  const auto request = ReadRequest<v1::CompareRequest>(InSlices("", 1));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->message.ByteSizeLong(), 0u);
  EXPECT_TRUE(request->observations.score.empty());
}

TEST(ReadRequestTest, MergesObservationsInPieces) {
  const std::string once = MakeRequest().SerializeAsString();
  const auto request = ReadRequest<v1::CompareRequest>(InSlices(once + once, 1000));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->observations.cluster, Labels({"run 1", "run 1"}));
  EXPECT_EQ(request->message.group_size(), 4);
}

TEST(ReadRequestTest, RefusesBytesThatAreNoRequest) {
  const std::string whole = MakeRequest().SerializeAsString();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string cut = whole.substr(0, length);
    EXPECT_EQ(ReadRequest<v1::CompareRequest>(InSlices(cut, 1000)).ok(), v1::CompareRequest().ParseFromString(cut))
        << length;
  }
  const absl::Status status = ReadRequest<v1::CompareRequest>(InSlices("\x0a\x7f", 1)).status();
  EXPECT_EQ(status, absl::InvalidArgumentError("the request is not a valid ctxfit.v1.CompareRequest"));
}

}  // namespace
}  // namespace ctxfit
