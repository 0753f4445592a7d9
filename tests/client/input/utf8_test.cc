#include "client/input/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace ctxfit {
namespace {

TEST(ValidUtf8PrefixTest, AcceptsWholeCharactersOfEveryLength) {
  EXPECT_EQ(ValidUtf8Prefix(""), 0u);
  EXPECT_EQ(ValidUtf8Prefix("a\u00DF\u20AC\U0001F600"), 1u + 2 + 3 + 4);
}

TEST(ValidUtf8PrefixTest, StopsAtBytesThatRfc3629Forbids) {
  EXPECT_EQ(ValidUtf8Prefix("ab\x80"), 2u);            // a continuation byte without a lead byte
  EXPECT_EQ(ValidUtf8Prefix("ab\xC3"), 2u);            // truncated
  EXPECT_EQ(ValidUtf8Prefix("\xC0\xAF"), 0u);          // overlong "/"
  EXPECT_EQ(ValidUtf8Prefix("\xE0\x80\xAF"), 0u);      // overlong, three bytes
  EXPECT_EQ(ValidUtf8Prefix("\xED\xA0\x80"), 0u);      // a surrogate
  EXPECT_EQ(ValidUtf8Prefix("\xF4\x90\x80\x80"), 0u);  // beyond U+10FFFF
  EXPECT_EQ(ValidUtf8Prefix("\xFF\xFE"
                            "a"),
            0u);  // UTF-16's byte order mark
}

TEST(QuotedTest, EscapesAndTruncatesText) {
  EXPECT_EQ(Quoted("a\tb"), "\"a\\tb\"");
  EXPECT_EQ(Quoted("caf\xC3"), "\"caf\\xc3\"");
  EXPECT_EQ(Quoted(std::string(100, 'x')), "\"" + std::string(60, 'x') + "\u2026\"");
}

TEST(EllipsizedTest, CountsCharactersInsteadOfBytes) {
  EXPECT_EQ(CharacterCount("\u03B1\u03B2"), 2u);
  EXPECT_EQ(Ellipsized("\u03B1\u03B2\u03B3", 3), "\u03B1\u03B2\u03B3");
  EXPECT_EQ(Ellipsized("\u03B1\u03B2\u03B3\u03B4", 3), "\u03B1\u03B2\u2026");
}

}  // namespace
}  // namespace ctxfit
