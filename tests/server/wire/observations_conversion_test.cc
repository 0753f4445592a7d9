#include "server/wire/observations_conversion.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "ctxfit/v1/observations.pb.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/split_tasks.h"

namespace ctxfit {
namespace {

// Labels and numbers lie across pieces.
constexpr int kPieceBytes = 5;

v1::Observations Parse(const std::string& text) {
  v1::Observations observations;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &observations)) << text;
  return observations;
}

bool Read(const std::string& bytes, ObservationTable& table) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()), kPieceBytes);
  google::protobuf::io::CodedInputStream wire(&stream);
  wire.PushLimit(static_cast<int>(bytes.size()));
  TableMemory memory(0, NoLimit);
  return ParseObservations(wire, table, memory);
}

ObservationTable TableOf(const std::string& text) {
  ObservationTable table;
  EXPECT_TRUE(Read(Parse(text).SerializeAsString(), table)) << text;
  return table;
}

std::string DigestOf(const std::string& text) {
  return Digest(ValidateAndSplit(TableOf(text)).value().at(0), StopSignal()).value();
}

TEST(ParseObservationsTest, TakesEveryColumn) {
  const ObservationTable table = TableOf(R"pb(
    training_compute_flops: [ 1e21, 1e22 ]
    prompt_tokens: [ 10, 20.5 ]
    context_limit_tokens: [ 4096, 8192 ]
    score: [ 0.25, 0.5 ]
    weight: [ 3, 4 ]
    cluster: [ "a", "b" ]
    cluster_2: [ "c", "d" ]
    task: [ "e", "f" ]
    model: [ "g", "a longer name than a piece of the wire" ]
    score_variance: [ 0.125, 0.0625 ]
    held_out: [ true, false ]
  )pb");
  EXPECT_EQ(table.training_compute_flops, std::vector<double>({1e21, 1e22}));
  EXPECT_EQ(table.prompt_tokens, std::vector<double>({10, 20.5}));
  EXPECT_EQ(table.context_limit_tokens, std::vector<double>({4096, 8192}));
  EXPECT_EQ(table.score, std::vector<double>({0.25, 0.5}));
  EXPECT_EQ(table.weight, std::vector<double>({3, 4}));
  EXPECT_EQ(table.cluster, Labels({"a", "b"}));
  EXPECT_EQ(table.cluster_2, Labels({"c", "d"}));
  EXPECT_EQ(table.task, Labels({"e", "f"}));
  EXPECT_EQ(table.model, Labels({"g", "a longer name than a piece of the wire"}));
  EXPECT_EQ(table.score_variance, std::vector<double>({0.125, 0.0625}));
  EXPECT_EQ(table.held_out, std::vector<bool>({true, false}));
}

TEST(ParseObservationsTest, KnowsEveryField) {
  const auto* fields = v1::Observations::descriptor();
  v1::Observations observations;
  const auto* reflection = v1::Observations::GetReflection();
  for (int i = 0; i < fields->field_count(); ++i) {
    const auto* field = fields->field(i);
    switch (field->cpp_type()) {
      case google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE:
        reflection->AddDouble(&observations, field, 0.5);
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_STRING:
        reflection->AddString(&observations, field, "label");
        break;
      default:
        reflection->AddBool(&observations, field, true);
    }
  }
  ObservationTable table;
  ASSERT_TRUE(Read(observations.SerializeAsString(), table));
  const std::size_t sizes[] = {table.training_compute_flops.size(),
                               table.prompt_tokens.size(),
                               table.context_limit_tokens.size(),
                               table.score.size(),
                               table.weight.size(),
                               table.cluster.size(),
                               table.cluster_2.size(),
                               table.task.size(),
                               table.model.size(),
                               table.score_variance.size(),
                               table.held_out.size()};
  EXPECT_EQ(std::size(sizes), static_cast<std::size_t>(fields->field_count()));
  for (const std::size_t size : sizes) EXPECT_EQ(size, 1u);
}

TEST(ParseObservationsTest, TakesNumbersOneByOneAndPiecesInTurn) {
  v1::Observations observations = Parse("score: 0.25 held_out: true");
  const std::string packed = observations.SerializeAsString();
  // Field 4 as a number of 64 bits, 0.5, and field 11 as a varint.
  const std::string single("\x21\0\0\0\0\0\0\xe0\x3f\x58\0", 11);
  ObservationTable table;
  ASSERT_TRUE(Read(packed + single + packed, table));
  EXPECT_EQ(table.score, std::vector<double>({0.25, 0.5, 0.25}));
  EXPECT_EQ(table.held_out, std::vector<bool>({true, false, true}));
}

TEST(ParseObservationsTest, SkipsFieldsThatItDoesNotKnow) {
  // Field 100: a varint, a text, a group with a number in it.
  const std::string unknown("\xa0\x06\x07\xa2\x06\x02hi\xa3\x06\x08\x01\xa4\x06", 14);
  ObservationTable table;
  ASSERT_TRUE(Read(unknown + Parse("task: 'a'").SerializeAsString() + unknown, table));
  EXPECT_EQ(table.task, Labels({"a"}));
}

TEST(ParseObservationsTest, RefusesBytesThatAreNoMessage) {
  const std::string whole =
      Parse("score: [0.25, 0.5] cluster: ['a', 'label'] held_out: [true, false] weight: [1, 2]").SerializeAsString();
  int whole_count = 0;  // what is cut between fields is a message
  for (std::size_t length = 0; length < whole.size(); ++length) {
    v1::Observations message;
    ObservationTable table;
    const bool is_message = message.ParseFromString(whole.substr(0, length));
    EXPECT_EQ(Read(whole.substr(0, length), table), is_message) << length;
    whole_count += is_message;
  }
  EXPECT_EQ(whole_count, 5);
  const std::string malformed[] = {
      std::string("\x22\x07\0\0\0\0\0\0\0", 9),  // packed numbers of 7 bytes
      "\x22\xff\xff\xff\xff\x07",                // far more numbers than there are bytes
      "\x32\xff\xff\xff\xff\x0f",                // a label of a negative length
      "\x32\x02\xc3\x28",                        // a label that is not UTF-8
      "\x5a\x01\x80",                            // a flag that does not end
      "\x0c",                                    // the end of a group that did not begin
      std::string("\0", 1),                      // field 0
  };
  for (const std::string& bytes : malformed) {
    ObservationTable table;
    EXPECT_FALSE(v1::Observations().ParseFromString(bytes)) << absl::CEscape(bytes);
    EXPECT_FALSE(Read(bytes, table)) << absl::CEscape(bytes);
  }
}

TEST(DigestTest, IsStopped) {
  const Observations task = ValidateAndSplit(TableOf("training_compute_flops: 1e22 score: 0.5")).value().at(0);
  StopSignal stop;
  stop.Cancel();
  EXPECT_EQ(Digest(task, stop).status().code(), absl::StatusCode::kCancelled);
}

TEST(DigestTest, DoesNotDependOnTheOrderOfRows) {
  const std::string in_order = DigestOf(R"pb(
    training_compute_flops: [ 1e21, 1e22, 1e22 ]
    prompt_tokens: [ 10, 20, 20 ]
    context_limit_tokens: [ 4096, 8192, 8192 ]
    score: [ 0.25, 0.5, 0.5 ]
    cluster: [ "a", "a", "b" ])pb");
  const std::string shuffled = DigestOf(R"pb(
    training_compute_flops: [ 1e22, 1e21, 1e22 ]
    prompt_tokens: [ 20, 10, 20 ]
    context_limit_tokens: [ 8192, 4096, 8192 ]
    score: [ 0.5, 0.25, 0.5 ]
    cluster: [ "b", "a", "a" ])pb");
  EXPECT_EQ(in_order, shuffled);
  EXPECT_EQ(in_order.size(), 64u);  // SHA-256 in hexadecimal
}

TEST(DigestTest, ChangesWithEveryColumnThatAFitSees) {
  const std::string rows[] = {
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 1]",
      "training_compute_flops: [1, 3] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 1]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 7] context_limit_tokens: [5, 6] score: [0, 1]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 7] score: [0, 1]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 0.5]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 1] weight: [1, 2]",
      "training_compute_flops: [1, 2] prompt_tokens: [3, 4] context_limit_tokens: [5, 6] score: [0, 1]"
      " cluster: ['a', 'a']",
      "training_compute_flops: [1] prompt_tokens: [3] context_limit_tokens: [5] score: [0]",
  };
  std::set<std::string> digests;
  for (const std::string& text : rows) EXPECT_TRUE(digests.insert(DigestOf(text)).second) << text;
}

}  // namespace
}  // namespace ctxfit
