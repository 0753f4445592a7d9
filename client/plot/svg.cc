#include "client/plot/svg.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace ctxfit {
namespace {

// Formats a coordinate to hundredths of a pixel, which keeps the file small.
std::string Number(double value) {
  std::string text = absl::StrFormat("%.2f", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string Points(const std::vector<SvgPoint>& points) {
  std::string text;
  for (const SvgPoint& point : points) {
    absl::StrAppend(&text, text.empty() ? "" : " ", Number(point.x), ",", Number(point.y));
  }
  return text;
}

}  // namespace

std::string XmlEscaped(absl::string_view text) {
  std::string escaped;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '&') {
      escaped += "&amp;";
    } else if (byte == '<') {
      escaped += "&lt;";
    } else if (byte == '>') {
      escaped += "&gt;";
    } else if (byte == '"') {
      escaped += "&quot;";
    } else if (code < 0x20 || code == 0x7F) {
      escaped += byte == '\t' || byte == '\n' || byte == '\r' ? " " : "\uFFFD";
    } else {
      escaped += byte;
    }
  }
  // U+FFFE and U+FFFF are valid UTF-8, but not valid in XML.
  return absl::StrReplaceAll(escaped, {{"\xEF\xBF\xBE", "\uFFFD"}, {"\xEF\xBF\xBF", "\uFFFD"}});
}

void Svg::OpenGroup(absl::string_view style) { absl::StrAppend(&body_, "<g ", style, ">\n"); }

void Svg::CloseGroup() { body_ += "</g>\n"; }

void Svg::Rectangle(SvgPoint corner, double width, double height, absl::string_view style) {
  absl::StrAppend(&body_, "<rect x=\"", Number(corner.x), "\" y=\"", Number(corner.y), "\" width=\"", Number(width),
                  "\" height=\"", Number(height), "\" ", style, "/>\n");
}

void Svg::Line(SvgPoint from, SvgPoint to, absl::string_view style) {
  absl::StrAppend(&body_, "<line x1=\"", Number(from.x), "\" y1=\"", Number(from.y), "\" x2=\"", Number(to.x),
                  "\" y2=\"", Number(to.y), "\" ", style, "/>\n");
}

void Svg::Circle(SvgPoint centre, double radius) {
  absl::StrAppend(&body_, "<circle cx=\"", Number(centre.x), "\" cy=\"", Number(centre.y), "\" r=\"", Number(radius),
                  "\"/>\n");
}

void Svg::Polyline(const std::vector<SvgPoint>& points, absl::string_view style) {
  absl::StrAppend(&body_, "<polyline points=\"", Points(points), "\" ", style, "/>\n");
}

void Svg::Polygon(const std::vector<SvgPoint>& points, absl::string_view style) {
  absl::StrAppend(&body_, "<polygon points=\"", Points(points), "\" ", style, "/>\n");
}

void Svg::Text(SvgPoint place, absl::string_view text, absl::string_view style) {
  absl::StrAppend(&body_, "<text x=\"", Number(place.x), "\" y=\"", Number(place.y), "\" ", style, ">",
                  XmlEscaped(text), "</text>\n");
}

std::string Svg::Finish(double width, double height, absl::string_view title) const {
  return absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", Number(width),
      "\" height=\"", Number(height), "\" viewBox=\"0 0 ", Number(width), " ", Number(height),
      "\" role=\"img\" font-family=\"Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\" "
      "fill=\"#222222\">\n<title>",
      XmlEscaped(title), "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n", body_, "</svg>\n");
}

}  // namespace ctxfit
