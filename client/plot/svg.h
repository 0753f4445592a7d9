#ifndef CTXFIT_CLIENT_PLOT_SVG_H_
#define CTXFIT_CLIENT_PLOT_SVG_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctxfit {

// Escapes `text` for XML character data and attribute values; characters that XML does not allow are replaced.
std::string XmlEscaped(absl::string_view text);

// A point in a picture, in pixels from its upper left corner.
struct SvgPoint {
  double x;
  double y;
};

// Builds an SVG picture. `style` arguments are XML attributes, such as `fill="none"`, and written unescaped.
class Svg {
 public:
  void OpenGroup(absl::string_view style);
  void CloseGroup();
  void Rectangle(SvgPoint corner, double width, double height, absl::string_view style);
  void Line(SvgPoint from, SvgPoint to, absl::string_view style);
  void Circle(SvgPoint centre, double radius);
  void Polyline(const std::vector<SvgPoint>& points, absl::string_view style);
  void Polygon(const std::vector<SvgPoint>& points, absl::string_view style);
  void Text(SvgPoint place, absl::string_view text, absl::string_view style);

  // Returns the finished picture on a white background; `title` is its name for screen readers.
  std::string Finish(double width, double height, absl::string_view title) const;

 private:
  std::string body_;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_SVG_H_
