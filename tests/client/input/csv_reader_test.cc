#include "client/input/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/client/input/recording_sink.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CsvReaderTest, ReadsQuotedFieldsAndReportsTheFirstLineOfEachRow) {
  RecordingSink sink;
  ASSERT_TRUE(Read(ReadCsv, "a,b\n1,\"x, \"\"y\"\"\"\n\n\"two\nlines\",3\n4,5", sink).ok());
  EXPECT_THAT(sink.columns, ElementsAre("a", "b"));
  EXPECT_THAT(sink.rows,
              ElementsAre(ElementsAre("1", "x, \"y\""), ElementsAre("two\nlines", "3"), ElementsAre("4", "5")));
  EXPECT_THAT(sink.lines, ElementsAre(2, 4, 6));
}

TEST(CsvReaderTest, AcceptsCarriageReturnsAndAByteOrderMark) {
  RecordingSink sink;
  ASSERT_TRUE(Read(ReadCsv, "\xEF\xBB\xBFname,b\r\n1,2\r\n", sink).ok());
  EXPECT_THAT(sink.columns, ElementsAre("name", "b"));
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("1", "2")));
}

TEST(CsvReaderTest, KeepsEmptyFields) {
  RecordingSink sink;
  ASSERT_TRUE(Read(ReadCsv, "a,b,c\n,,\n\"\",2,\n", sink).ok());
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("", "", ""), ElementsAre("", "2", "")));
}

TEST(CsvReaderTest, RefusesAnEmptyFile) { EXPECT_THAT(ErrorOf(ReadCsv, ""), HasSubstr("the file is empty")); }

TEST(CsvReaderTest, RefusesRowsWhoseLengthDiffersFromTheHeader) {
  EXPECT_THAT(ErrorOf(ReadCsv, "a,b\n1,2\n1,2,3\n"), HasSubstr(":3: the row has 3 fields, the header 2"));
  EXPECT_THAT(ErrorOf(ReadCsv, "a,b\n1\n"), HasSubstr(":2: the row has 1 field, the header 2"));
}

TEST(CsvReaderTest, ReadsTabsWhereTheHeaderHasTabsAndNoCommas) {
  RecordingSink sink;
  ASSERT_TRUE(Read(ReadCsv, "a\tb\tc\n\tx, y\t\"p\tq\"\n", sink).ok());
  EXPECT_THAT(sink.columns, ElementsAre("a", "b", "c"));
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("", "x, y", "p\tq")));
  RecordingSink commas;
  ASSERT_TRUE(Read(ReadCsv, "a,\"b\tc\"\n1,2\n", commas).ok());
  EXPECT_THAT(commas.columns, ElementsAre("a", "b\tc"));
}

TEST(CsvReaderTest, RefusesSemicolonsAndNamesTheRemedy) {
  EXPECT_THAT(ErrorOf(ReadCsv, "a;b\n0,5;2\n"), HasSubstr(":1: semicolons separate the fields"));
  EXPECT_THAT(ErrorOf(ReadCsv, "a;b\n0,5;2\n"), HasSubstr("must be commas, with decimal points"));
}

TEST(CsvReaderTest, TakesAFirstColumnWithoutANameForAnIndex) {
  RecordingSink sink;
  ASSERT_TRUE(Read(ReadCsv, ",a\n0,x\n", sink).ok());
  EXPECT_THAT(sink.columns, ElementsAre("", "a"));
  EXPECT_THAT(sink.rows, ElementsAre(ElementsAre("0", "x")));
  EXPECT_TRUE(Read(ReadCsv, "\"\",\"a\"\n\"1\",2\n", sink).ok());
}

TEST(CsvReaderTest, RefusesUnnamedAndDuplicateColumns) {
  EXPECT_THAT(ErrorOf(ReadCsv, "a,,c\n"), HasSubstr(":1: column 2 of the header has no name"));
  EXPECT_THAT(ErrorOf(ReadCsv, "a,b,a\n"), HasSubstr(":1: column \"a\" stands twice"));
}

TEST(CsvReaderTest, RefusesMisplacedQuotes) {
  EXPECT_THAT(ErrorOf(ReadCsv, "a,b\n1,x\"y\n"), HasSubstr(":2: misplaced quotation mark in field 2"));
  EXPECT_THAT(ErrorOf(ReadCsv, "a,b\n1,\"x\"y\n"), HasSubstr(":2: misplaced quotation mark in field 2"));
}

TEST(CsvReaderTest, RefusesAnUnclosedQuote) {
  EXPECT_THAT(ErrorOf(ReadCsv, "a,b\n1,\"x\n2,y\n"), HasSubstr(":2: the record that begins here does not end"));
  std::string endless = "a,b\n1,\"";
  for (int i = 0; i < 40000; ++i) endless += "a line of some thirty characters\n";
  EXPECT_THAT(ErrorOf(ReadCsv, endless), HasSubstr(":2: the record that begins here goes on for more than 1 MiB"));
}

}  // namespace
}  // namespace ctxfit
