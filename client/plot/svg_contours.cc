#include "client/plot/svg_contours.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/input/utf8.h"
#include "client/plot/axis.h"
#include "client/plot/contour_data.h"
#include "client/plot/svg.h"
#include "client/plot/svg_style.h"
#include "client/text/number_text.h"

namespace ctxfit {
namespace {

constexpr const char* kShadeStyle = R"(fill="#000000" fill-opacity="0.09")";

// Distances in pixels.
constexpr double kWidth = 860;
constexpr double kLeft = 96;
constexpr double kRight = 26;
constexpr double kHeight = 480;  // height of the frame

// Colour of a line: from dark blue for the lowest score to orange for the highest, a scale that can be ordered with any
// colour vision.
std::string LineColour(std::size_t index, std::size_t count) {
  constexpr double kLow[] = {0, 60, 120};
  constexpr double kHigh[] = {225, 110, 0};
  const double share = count > 1 ? static_cast<double>(index) / static_cast<double>(count - 1) : 1;
  std::string colour = "#";
  for (int i = 0; i < 3; ++i) {
    absl::StrAppendFormat(&colour, "%02x", std::lround(kLow[i] + share * (kHigh[i] - kLow[i])));
  }
  return colour;
}

double Distance(SvgPoint a, SvgPoint b) { return std::hypot(a.x - b.x, a.y - b.y); }

double LengthOf(const std::vector<SvgPoint>& path) {
  double length = 0;
  for (std::size_t i = 1; i < path.size(); ++i) length += Distance(path[i - 1], path[i]);
  return length;
}

// Returns the point at `share` of the length of `path`.
SvgPoint PlaceAlong(const std::vector<SvgPoint>& path, double share) {
  double left = share * LengthOf(path);
  for (std::size_t i = 1; i < path.size(); ++i) {
    const double step = Distance(path[i - 1], path[i]);
    if (left < step) {
      const double part = left / step;
      return {path[i - 1].x + part * (path[i].x - path[i - 1].x), path[i - 1].y + part * (path[i].y - path[i - 1].y)};
    }
    left -= step;
  }
  return path.back();
}

// A contour in pixels, in the pieces of ContourLine.
using Paths = std::vector<std::vector<SvgPoint>>;

// The area of a label.
struct Box {
  double left;
  double right;
  double top;
  double bottom;

  bool Meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }

  // True if the segment from `a` to `b`, which is short, enters the box, to within the box of the segment.
  bool MeetsSegment(SvgPoint a, SvgPoint b) const {
    return Meets({std::min(a.x, b.x), std::max(a.x, b.x) + 1e-9, std::min(a.y, b.y), std::max(a.y, b.y) + 1e-9});
  }
};

bool Meets(const Box& box, const Paths& paths) {
  for (const std::vector<SvgPoint>& path : paths) {
    for (std::size_t i = 1; i < path.size(); ++i) {
      if (box.MeetsSegment(path[i - 1], path[i])) return true;
    }
  }
  return false;
}

// Draws one picture from top to bottom.
class Renderer {
 public:
  explicit Renderer(const ContourPlot& plot)
      : plot_(plot),
        x_(Axis::Logarithmic(plot.prompt_min, plot.prompt_max, kLeft, kWidth - kRight)),
        y_(Axis::Logarithmic(plot.compute_min, plot.compute_max, kTop + kHeight, kTop)) {}

  std::string Run() {
    svg_.Text({kLeft, 38}, Ellipsized(plot_.title, 58), R"(font-size="20" font-weight="bold")");
    DrawLegend();
    DrawGrid();
    DrawShade();
    if (plot_.limit_tokens > 0) {
      svg_.Line({x_.At(plot_.limit_tokens), kTop}, {x_.At(plot_.limit_tokens), kTop + kHeight}, kLimitStyle);
    }
    DrawPoints(plot_.elsewhere, kHollowPointStyle);
    DrawPoints(plot_.points, kPointStyle);
    DrawLines();
    for (std::size_t i = 0; i < plot_.lines.size(); ++i) DrawLabel(i);
    svg_.Rectangle({kLeft, kTop}, kWidth - kLeft - kRight, kHeight, R"(fill="none" stroke="#8c8c8c")");
    DrawAxisLabels();
    double y = kTop + kHeight + 72;
    for (const std::string& line : LinesWithin(absl::StrJoin(plot_.notes, " "), kWidth - kLeft - kRight, 11)) {
      svg_.Text({kLeft, y}, line, R"(font-size="11" fill="#555555")");
      y += 16;
    }
    return svg_.Finish(kWidth, y + 8, plot_.title);
  }

 private:
  static constexpr double kTop = 84;  // upper edge of the frame

  void DrawLegend() {
    constexpr double kY = 66;
    double x = kLeft;
    if (!plot_.points.empty() || !plot_.elsewhere.empty()) {
      DrawMark({x + 5, kY - 4}, plot_.points.empty() ? kHollowPointStyle : kPointStyle);
      x = DrawLegendText(x + 16, kY, plot_.points_label);
    }
    if (plot_.limit_tokens > 0) {
      svg_.Line({x, kY - 4}, {x + 26, kY - 4}, kLimitStyle);
      x = DrawLegendText(x + 33, kY, "context limit");
    }
    svg_.Rectangle({x, kY - 10}, 26, 12, kShadeStyle);
    DrawLegendText(x + 33, kY, "extrapolated");
  }

  // Draws a legend entry and returns where the next one begins.
  double DrawLegendText(double x, double y, const std::string& text) {
    svg_.Text({x, y}, text, R"(font-size="12")");
    return x + kCharacterWidth * 12 * static_cast<double>(text.size()) + 20;
  }

  void DrawMark(SvgPoint place, const char* style) {
    svg_.OpenGroup(style);
    svg_.Circle(place, 3);
    svg_.CloseGroup();
  }

  std::vector<double> PromptTicks() const { return TokenTicks(plot_.prompt_min, plot_.prompt_max, 20); }
  std::vector<double> ComputeTicks() const { return DecimalTicks(plot_.compute_min, plot_.compute_max, 12); }

  void DrawGrid() {
    svg_.OpenGroup(R"(stroke="#e6e6e6")");
    for (const double tick : PromptTicks()) svg_.Line({x_.At(tick), kTop}, {x_.At(tick), kTop + kHeight}, "");
    for (const double tick : ComputeTicks()) svg_.Line({kLeft, y_.At(tick)}, {kWidth - kRight, y_.At(tick)}, "");
    svg_.CloseGroup();
  }

  // Shades the frame except for the rectangle that the fit covers: left, right, above and below.
  void DrawShade() {
    const double left = x_.At(plot_.observed.prompt_tokens_min());
    const double right = x_.At(plot_.observed.prompt_tokens_max());
    const double top = y_.At(plot_.observed.compute_flops_max());
    const double bottom = y_.At(plot_.observed.compute_flops_min());
    svg_.Rectangle({kLeft, kTop}, left - kLeft, kHeight, kShadeStyle);
    svg_.Rectangle({right, kTop}, kWidth - kRight - right, kHeight, kShadeStyle);
    svg_.Rectangle({left, kTop}, right - left, top - kTop, kShadeStyle);
    svg_.Rectangle({left, bottom}, right - left, kTop + kHeight - bottom, kShadeStyle);
  }

  void DrawPoints(const std::vector<ContourPoint>& points, const char* style) {
    svg_.OpenGroup(style);
    for (const ContourPoint& point : points) svg_.Circle(Place(point), 3);
    svg_.CloseGroup();
  }

  std::string ColourOf(std::size_t index) const { return LineColour(index, plot_.lines.size()); }

  void DrawLines() {
    for (const ContourLine& line : plot_.lines) {
      Paths& paths = paths_.emplace_back();
      for (const std::vector<ContourPoint>& piece : line.pieces) {
        std::vector<SvgPoint>& path = paths.emplace_back();
        for (const ContourPoint& point : piece) path.push_back(Place(point));
      }
    }
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      const std::string style =
          absl::StrCat(R"(fill="none" stroke-width="2" stroke-linejoin="round" stroke=")", ColourOf(i), "\"");
      for (const std::vector<SvgPoint>& path : paths_[i]) svg_.Polyline(path, style);
    }
  }

  // True if a label of line `index` covers neither another label nor another line, and lies within the frame.
  bool IsFree(const Box& box, std::size_t index) const {
    if (box.left < kLeft || box.right > kWidth - kRight || box.top < kTop || box.bottom > kTop + kHeight) return false;
    const auto meets = [&box](const Box& label) { return box.Meets(label); };
    if (std::any_of(labels_.begin(), labels_.end(), meets)) return false;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      if (i != index && Meets(box, paths_[i])) return false;
    }
    return true;
  }

  // Writes the score of a line where there is room along it; nowhere if there is none, as where lines crowd at the
  // limit.
  void DrawLabel(std::size_t index) {
    const std::string text = absl::StrFormat("%.4g", plot_.lines[index].score);
    const double half_width = 0.5 * kCharacterWidth * 12 * static_cast<double>(text.size()) + 2;
    // Begin at another place from line to line, so that the labels do not stand in a row.
    const double first = 0.35 + 0.15 * static_cast<double>(index % 3);
    for (const std::vector<SvgPoint>& path : paths_[index]) {
      for (const double shift : {0.0, 0.1, -0.1, 0.2, -0.2, 0.3, -0.3}) {
        const SvgPoint place = PlaceAlong(path, first + shift);
        const Box box = {place.x - half_width, place.x + half_width, place.y - 8, place.y + 8};
        if (!IsFree(box, index)) continue;
        labels_.push_back(box);
        svg_.Text({place.x, place.y + 4}, text,
                  absl::StrCat(R"(font-size="12" font-weight="bold" text-anchor="middle" stroke="#ffffff" )",
                               R"(stroke-width="4" stroke-linejoin="round" paint-order="stroke" fill=")",
                               ColourOf(index), "\""));
        return;
      }
    }
  }

  void DrawAxisLabels() {
    svg_.OpenGroup(R"(font-size="11.5" text-anchor="middle")");
    for (const double tick : PromptTicks()) svg_.Text({x_.At(tick), kTop + kHeight + 17}, TokenText(tick), "");
    svg_.CloseGroup();
    svg_.OpenGroup(R"(font-size="11.5" text-anchor="end")");
    for (const double tick : ComputeTicks()) svg_.Text({kLeft - 7, y_.At(tick) + 4}, TypesetChosenNumber(tick), "");
    svg_.CloseGroup();
    svg_.Text({(kLeft + kWidth - kRight) / 2, kTop + kHeight + 42}, "prompt length (tokens, logarithmic scale)",
              R"(font-size="13" text-anchor="middle")");
    const double middle = kTop + kHeight / 2;
    svg_.Text({24, middle}, "training compute (FLOP, logarithmic scale)",
              absl::StrFormat(R"raw(font-size="13" text-anchor="middle" transform="rotate(-90 24 %.1f)")raw", middle));
  }

  SvgPoint Place(const ContourPoint& point) const { return {x_.At(point.prompt_tokens), y_.At(point.compute_flops)}; }

  const ContourPlot& plot_;
  const Axis x_;
  const Axis y_;
  std::vector<Paths> paths_;  // by line
  std::vector<Box> labels_;
  Svg svg_;
};

}  // namespace

std::string RenderSvg(const ContourPlot& plot) { return Renderer(plot).Run(); }

}  // namespace ctxfit
