#include "client/input/jsonl_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/client/input/recording_sink.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(JsonlReaderTest, ReadsObjectsWithKeysInAnyOrder) {
  RecordingSink sink;
  ASSERT_TRUE(Read(ReadJsonl, "{\"a\": 1.50, \"b\": \"x\"}\n\n{\"b\": true, \"a\": -7}\n", sink).ok());
  EXPECT_THAT(sink.columns, ElementsAre("a", "b"));
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("1.50", "x"), ElementsAre("-7", "true")));
  EXPECT_THAT(sink.lines, ElementsAre(1, 3));
}

TEST(JsonlReaderTest, ReadsNullAndAMissingKeyAsEmpty) {
  RecordingSink sink;
  ASSERT_TRUE(Read(ReadJsonl, "{\"a\": 1, \"b\": null}\n{\"a\": 2}\n", sink).ok());
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("1", ""), ElementsAre("2", "")));
}

TEST(JsonlReaderTest, ReadsNanAndInfinitiesOfPythonAsTheirText) {
  RecordingSink sink;
  ASSERT_TRUE(
      Read(ReadJsonl, "{\"a\": NaN, \"b\": -Infinity}\n{\"a\": \"say \\\"NaN\\\"\", \"b\": Infinity}\n", sink).ok());
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("NaN", "-Infinity"), ElementsAre("say \"NaN\"", "Infinity")));
}

TEST(JsonlReaderTest, RefusesLinesThatAreNotFlatObjects) {
  EXPECT_THAT(ErrorOf(ReadJsonl, "[1]\n"), HasSubstr(":1: the line is not a JSON object"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": 1}\n7\n"), HasSubstr(":2: the line is not a JSON object"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": [1]}\n"), HasSubstr(":1: column \"a\" holds neither a number nor text"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": {\"b\": 1}}\n"),
              HasSubstr(":1: column \"a\" holds neither a number nor text"));
}

TEST(JsonlReaderTest, RefusesInvalidJson) {
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": 1}\n{\"a\": 1\n"), HasSubstr(":2: the line is not valid JSON"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": nan}\n"), HasSubstr(":1: the line is not valid JSON from byte 8 on"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": NaN, \"b\": x}\n"),
              HasSubstr(":1: the line is not valid JSON from byte 17 on"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": 1} x\n"), HasSubstr(":1: the line is not valid JSON"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": 1e999}\n"), HasSubstr(":1: the number before byte"));
}

TEST(JsonlReaderTest, AddsColumnsThatTheFirstLineLacks) {
  RecordingSink sink;
  ASSERT_TRUE(Read(ReadJsonl, "{\"a\": 1}\n{\"b\": 2}\n{\"a\": 3}\n", sink).ok());
  EXPECT_THAT(sink.columns, ElementsAre("a", "b"));
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("1"), ElementsAre("", "2"), ElementsAre("3", "")));
}

TEST(JsonlReaderTest, PassesOverArraysAndObjectsInUnusedColumns) {
  RecordingSink sink;
  ASSERT_TRUE(
      Read(ReadJsonl, "{\"unused\": {\"a\": [7, {\"a\": 8}]}, \"a\": 1}\n{\"a\": 2, \"unused\": [[]]}\n", sink).ok());
  EXPECT_THAT(sink.columns, ElementsAre("unused", "a"));
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("{...}", "1"), ElementsAre("[...]", "2")));
}

TEST(JsonlReaderTest, NamesTheRemedyForDocumentsThatAreNotJsonLines) {
  EXPECT_THAT(ErrorOf(ReadJsonl, "[\n{\"a\": 1}\n]\n"), HasSubstr("as jq -c '.[]' FILE makes them of an array"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\n  \"a\": 1\n}\n"),
              HasSubstr(":1: the line is not valid JSON: the object does not end in it"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\n  \"a\": 1\n}\n"), HasSubstr("as jq -c . FILE"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": {\"0\": 1}}\n"), HasSubstr("to_json(FILE, orient=\"records\", lines=True)"));
}

TEST(JsonlReaderTest, RefusesDuplicateColumns) {
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": 1, \"a\": 2}\n"), HasSubstr(":1: column \"a\" stands twice"));
}

TEST(JsonlReaderTest, RefusesAnEmptyFile) { EXPECT_THAT(ErrorOf(ReadJsonl, "\n\n"), HasSubstr("the file is empty")); }

TEST(JsonlReaderTest, RefusesDeepNestingWithoutOverflow) {
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"a\": " + std::string(500000, '[') + "\n"),
              HasSubstr("holds neither a number nor text"));
  EXPECT_THAT(ErrorOf(ReadJsonl, "{\"unused\": " + std::string(500000, '[') + "\n"),
              HasSubstr("the object does not end in it"));
}

}  // namespace
}  // namespace ctxfit
