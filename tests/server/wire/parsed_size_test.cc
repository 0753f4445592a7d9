#include "server/wire/parsed_size.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "ctxfit/v1/fitting_service.pb.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {
namespace {

std::optional<std::int64_t> SizeOf(const std::string& bytes, const google::protobuf::Message& type) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  return ParsedSize(stream, *type.GetDescriptor());
}

// Checks that the bound holds, and is no more than `slack` times what the message takes.
void ExpectBound(const google::protobuf::Message& message, double slack) {
  const std::string bytes = message.SerializeAsString();
  const std::optional<std::int64_t> bound = SizeOf(bytes, message);
  ASSERT_TRUE(bound);
  const std::unique_ptr<google::protobuf::Message> parsed(message.New());
  ASSERT_TRUE(parsed->ParseFromString(bytes));
  const auto size = static_cast<double>(parsed->SpaceUsedLong());
  EXPECT_GE(static_cast<double>(*bound), size) << message.GetTypeName();
  EXPECT_LE(static_cast<double>(*bound), slack * size) << message.GetTypeName();
}

TEST(ParsedSizeTest, BoundsWhatAMessageTakes) {
  v1::PredictRequest predict;
  for (int i = 0; i < 10000; ++i) {
    predict.mutable_points()->add_prompt_tokens(i);
    predict.mutable_fit()->mutable_replicates()->add_compute_coefficient(i);
    predict.mutable_fit()->mutable_replicates()->add_converged(true);
  }
  ExpectBound(predict, 2);

  v1::CompareRequest compare;
  for (int i = 0; i < 10000; ++i) compare.add_group(i % 2 == 0 ? "a" : std::string(100, 'b'));
  ExpectBound(compare, 2);

  v1::FitRequest fit;
  for (int i = 0; i < 1000; ++i) {
    (*fit.mutable_options()->mutable_floor()->mutable_by_task())[std::to_string(i)] = 0.1;
    fit.mutable_options()->add_fixed()->set_name("floor");
  }
  ExpectBound(fit, 3);
}

TEST(ParsedSizeTest, SeesAListOfEmptyMessagesForWhatItIs) {
  v1::EvaluateRequest evaluate;
  for (int i = 0; i < 10000; ++i) evaluate.add_fits();
  ExpectBound(evaluate, 2);
  EXPECT_GT(*SizeOf(evaluate.SerializeAsString(), evaluate), 80 * static_cast<std::int64_t>(evaluate.ByteSizeLong()));
}

TEST(ParsedSizeTest, RefusesWhatIsMalformedOrHasGroups) {
  EXPECT_FALSE(SizeOf("\x0a\x7f", v1::EvaluateRequest()));
  EXPECT_FALSE(SizeOf("\x0b\x0c", v1::EvaluateRequest())) << "the begin and the end of a group";
  EXPECT_TRUE(SizeOf("", v1::EvaluateRequest()));
}

}  // namespace
}  // namespace ctxfit
