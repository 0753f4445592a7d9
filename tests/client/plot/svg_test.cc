#include "client/plot/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/client/well_formed.h"

namespace ctxfit {
namespace {

using ::testing::HasSubstr;

TEST(XmlEscapedTest, EscapesAndReplacesCharactersInvalidInXml) {
  EXPECT_EQ(XmlEscaped("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
  EXPECT_EQ(XmlEscaped(std::string("x\x01\ty\0z", 6)), "x\uFFFD y\uFFFDz");
  EXPECT_EQ(XmlEscaped("\xEF\xBF\xBF"), "\uFFFD");
}

TEST(SvgTest, WritesWellFormedXmlForAnyText) {
  Svg svg;
  svg.OpenGroup("fill=\"none\"");
  svg.Circle({1.5, 2}, 3);
  svg.Polyline({{0, 0}, {1, 1.234}}, "stroke=\"black\"");
  svg.CloseGroup();
  std::string every_byte;
  for (int byte = 0; byte < 128; ++byte) every_byte += static_cast<char>(byte);
  svg.Text({1, 2}, every_byte, "font-size=\"10\"");
  const std::string document = svg.Finish(100, 50, every_byte);
  EXPECT_TRUE(IsWellFormed(document));
  EXPECT_THAT(document, HasSubstr("points=\"0,0 1,1.23\""));
  EXPECT_THAT(document, HasSubstr("viewBox=\"0 0 100 50\""));
}

}  // namespace
}  // namespace ctxfit
