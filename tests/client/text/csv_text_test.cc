#include "client/text/csv_text.h"

#include <gtest/gtest.h>

namespace ctxfit {
namespace {

TEST(CsvTextTest, QuotesFieldsWithSpecialCharacters) {
  EXPECT_EQ(CsvField("plain = text"), "plain = text");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("say \"a\""), "\"say \"\"a\"\"\"");
  EXPECT_EQ(CsvField("a\nb"), "\"a\nb\"");
}

TEST(CsvTextTest, WritesTheFewestDigitsThatRoundTrip) {
  EXPECT_EQ(ExactNumber(0.1), "0.1");
  EXPECT_EQ(ExactNumber(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(ExactNumber(2e-308), "2e-308");
}

}  // namespace
}  // namespace ctxfit
