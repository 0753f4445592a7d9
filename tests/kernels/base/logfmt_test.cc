#include "kernels/base/logfmt.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace ctxfit {
namespace {

TEST(LogfmtTest, LeavesPrintableTextOfAnyLanguageAlone) {
  for (const char* text : {"", "score[3] = 1.2: must be in [0, 1]", "naïve", "长上下文", "emoji 🙂"}) {
    EXPECT_EQ(Escaped(text), text);
  }
}

TEST(LogfmtTest, EscapesWhatStartsALineOrMovesACursor) {
  EXPECT_EQ(Escaped("a\nb\rc\td"), "a\\nb\\rc\\td");
  EXPECT_EQ(Escaped("\x1b[31m\x07\x7f"), "\\x1b[31m\\x07\\x7f");
  EXPECT_EQ(Escaped(std::string("\0", 1)), "\\x00");
  EXPECT_EQ(Escaped("\xc2\x9b"), "\\x9b") << "C1 as UTF-8: a CSI of one character";
  EXPECT_EQ(Escaped("a\\n"), "a\\\\n") << "not to be taken for an escape";
}

TEST(LogfmtTest, EscapesEveryControlCharacter) {
  for (int code = 0; code < 0xA0; ++code) {
    const bool is_control = code < 0x20 || code >= 0x7F;
    std::string text;
    if (code < 0x80) {
      text = static_cast<char>(code);
    } else {
      text = {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
    }
    EXPECT_EQ(Escaped(text).find(text) == std::string::npos, is_control) << code;
  }
}

TEST(LogfmtTest, EscapesMarksOfDirectionAndLineSeparators) {
  EXPECT_EQ(Escaped("\u202e\u2066\u2069\u200e\u061c\u2028\ufeff"), "\\u202e\\u2066\\u2069\\u200e\\u061c\\u2028\\ufeff");
}

TEST(LogfmtTest, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(Escaped("\xff\x80"), "\\xff\\x80");
  EXPECT_EQ(Escaped("\xe2\x82"), "\\xe2\\x82") << "cut off";
  EXPECT_EQ(Escaped("\xc0\xaf"), "\\xc0\\xaf") << "longer than it need be";
  EXPECT_EQ(Escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
}

TEST(LogfmtTest, QuotesAValueSoThatItEndsWhereItEnds) {
  EXPECT_EQ(LogfmtQuoted("a \"b\" level=FAKE"), "\"a \\\"b\\\" level=FAKE\"");
  EXPECT_EQ(LogfmtQuoted("\\"), "\"\\\\\"");
}

TEST(LogfmtTest, ShortensTheMiddleAndCutsNoCharacter) {
  EXPECT_EQ(Shortened("0123456789abcdef", 16), "0123456789abcdef");
  EXPECT_EQ(Shortened("0123456789abcdefg", 16), "012345...bcdefg");
  std::string text;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, "é", i % 3 == 0 ? "x" : "");
  for (std::size_t limit = 16; limit < 40; ++limit) {
    const std::string shortened = Shortened(text, limit);
    EXPECT_LE(shortened.size(), limit);
    EXPECT_GE(shortened.size() + 6, limit);
    EXPECT_EQ(Escaped(shortened), shortened) << "a character was cut";
  }
}

}  // namespace
}  // namespace ctxfit
