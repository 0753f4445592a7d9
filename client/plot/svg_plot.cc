#include "client/plot/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/input/utf8.h"
#include "client/plot/axis.h"
#include "client/plot/plot_data.h"
#include "client/plot/svg.h"
#include "client/plot/svg_style.h"
#include "client/text/number_text.h"

namespace ctxfit {
namespace {

constexpr const char* kBandStyle = R"(fill="#d55e00" fill-opacity="0.22")";
constexpr const char* kCurveStyle = R"(fill="none" stroke="#d55e00" stroke-width="2" stroke-linejoin="round")";

// Distances in pixels.
constexpr double kLeft = 70;
constexpr double kRight = 26;
constexpr double kGapX = 22;
constexpr double kPanelHeader = 42;
constexpr double kGapY = 16;

// Layout of the panels.
struct Grid {
  int columns;
  int rows;
  double panel_width;
  double panel_height;
  double width;  // of the picture
};

Grid MakeGrid(std::size_t panel_count) {
  const int count = static_cast<int>(panel_count);
  const int columns = count <= 3 ? count : count == 4 ? 2 : count <= 9 ? 3 : 4;
  const double width = columns == 1 ? 860 : 1120;
  const double panel_width = (width - kLeft - kRight - (columns - 1) * kGapX) / columns;
  const double shape = columns <= 2 ? 0.58 : 0.7;
  return {columns, (count + columns - 1) / columns, panel_width, panel_width * shape, width};
}

// Draws one picture from top to bottom.
class Renderer {
 public:
  explicit Renderer(const Plot& plot)
      : plot_(plot), grid_(MakeGrid(plot.panels.size())), score_ticks_(ScoreTicks(HighestScore())) {}

  std::string Run() {
    DrawHeading();
    DrawLegend();
    const double top = y_;
    for (std::size_t i = 0; i < plot_.panels.size(); ++i) DrawPanel(i, top);
    y_ = top + grid_.rows * (kPanelHeader + grid_.panel_height) + (grid_.rows - 1) * kGapY;
    DrawAxisTitles(top);
    DrawNotes();
    return svg_.Finish(grid_.width, y_ + 14, plot_.title);
  }

 private:
  double HighestScore() const {
    double highest = 0;
    for (const PlotPanel& panel : plot_.panels) {
      for (const PlotPoint& point : panel.points) highest = std::max(highest, point.score);
      for (const double score : panel.curve.score) highest = std::max(highest, score);
      for (const double upper : panel.curve.upper) highest = std::max(highest, upper);
    }
    return std::min(highest, 1.0);
  }

  void DrawHeading() {
    const double width = grid_.width - kLeft - kRight;
    const auto fitting = static_cast<std::size_t>(width / (kCharacterWidth * 20));
    svg_.Text({kLeft, 38}, Ellipsized(plot_.title, fitting), R"(font-size="20" font-weight="bold")");
    y_ = 60;
    for (const std::string& line : LinesWithin(absl::StrJoin(plot_.parameters, ", "), width, 12.5)) {
      svg_.Text({kLeft, y_}, line, R"(font-size="12.5" fill="#444444")");
      y_ += 18;
    }
  }

  void DrawLegend() {
    y_ += 10;
    double x = kLeft;
    svg_.OpenGroup(kPointStyle);
    svg_.Circle({x + 5, y_ - 4}, 3.4);
    svg_.CloseGroup();
    x = DrawLegendText(x + 16, HasHeldOut() ? "fitted" : "observed");
    if (HasHeldOut()) {
      svg_.OpenGroup(kHollowPointStyle);
      svg_.Circle({x + 5, y_ - 4}, 3.4);
      svg_.CloseGroup();
      x = DrawLegendText(x + 16, "held out");
    }
    svg_.Line({x, y_ - 4}, {x + 26, y_ - 4}, kCurveStyle);
    x = DrawLegendText(x + 33, "fitted law");
    if (!plot_.band_label.empty()) {
      svg_.Rectangle({x, y_ - 10}, 26, 12, kBandStyle);
      x = DrawLegendText(x + 33, plot_.band_label);
    }
    if (plot_.panels.front().limit_tokens > 0) {
      svg_.Line({x, y_ - 4}, {x + 26, y_ - 4}, kLimitStyle);
      DrawLegendText(x + 33, "context limit");
    }
    y_ += 14;
  }

  bool HasHeldOut() const {
    return std::any_of(plot_.panels.begin(), plot_.panels.end(), [](const PlotPanel& panel) {
      return std::any_of(panel.points.begin(), panel.points.end(),
                         [](const PlotPoint& point) { return point.held_out; });
    });
  }

  // Draws a legend entry and returns where the next one begins.
  double DrawLegendText(double x, const std::string& text) {
    svg_.Text({x, y_}, text, R"(font-size="12")");
    return x + kCharacterWidth * 12 * static_cast<double>(CharacterCount(text)) + 20;
  }

  void DrawPanel(std::size_t index, double top) {
    const PlotPanel& panel = plot_.panels[index];
    const int column = static_cast<int>(index) % grid_.columns;
    const int row = static_cast<int>(index) / grid_.columns;
    const double left = kLeft + column * (grid_.panel_width + kGapX);
    const double head = top + row * (kPanelHeader + grid_.panel_height + kGapY);
    const SvgPoint corner = {left, head + kPanelHeader};
    const Axis x = Axis::Logarithmic(plot_.prompt_min, plot_.prompt_max, left, left + grid_.panel_width);
    const Axis y = Axis::Linear(0, score_ticks_.back(), corner.y + grid_.panel_height, corner.y);
    DrawPanelTitle(panel, {left, head});
    DrawGrid(corner, x, y);
    if (panel.limit_tokens > 0) {
      svg_.Line({x.At(panel.limit_tokens), corner.y}, {x.At(panel.limit_tokens), corner.y + grid_.panel_height},
                kLimitStyle);
    }
    DrawCurve(panel.curve, x, y);
    DrawPoints(panel.points, false, x, y);
    DrawPoints(panel.points, true, x, y);
    svg_.Rectangle(corner, grid_.panel_width, grid_.panel_height, R"(fill="none" stroke="#8c8c8c")");
    if (column == 0) DrawScoreLabels(corner.x, y);
    if (index + grid_.columns >= plot_.panels.size()) DrawTokenLabels(corner.y + grid_.panel_height, x);
  }

  void DrawPanelTitle(const PlotPanel& panel, SvgPoint corner) {
    const auto fitting = [this](double size) {
      return static_cast<std::size_t>(grid_.panel_width / (kCharacterWidth * size));
    };
    svg_.Text({corner.x, corner.y + 18}, Ellipsized(panel.title, fitting(13)), R"(font-size="13" font-weight="bold")");
    svg_.Text({corner.x, corner.y + 34}, Ellipsized(panel.subtitle, fitting(11)), R"(font-size="11" fill="#555555")");
  }

  std::vector<double> Ticks() const {
    return TokenTicks(plot_.prompt_min, plot_.prompt_max, static_cast<int>(grid_.panel_width / 34));
  }

  void DrawGrid(SvgPoint corner, const Axis& x, const Axis& y) {
    svg_.OpenGroup(R"(stroke="#e6e6e6")");
    for (const double tick : Ticks()) {
      svg_.Line({x.At(tick), corner.y}, {x.At(tick), corner.y + grid_.panel_height}, "");
    }
    for (const double tick : score_ticks_) {
      svg_.Line({corner.x, y.At(tick)}, {corner.x + grid_.panel_width, y.At(tick)}, "");
    }
    svg_.CloseGroup();
  }

  void DrawCurve(const PlotCurve& curve, const Axis& x, const Axis& y) {
    if (!curve.lower.empty()) {
      std::vector<SvgPoint> outline;
      for (std::size_t i = 0; i < curve.upper.size(); ++i) {
        outline.push_back({x.At(curve.prompt_tokens[i]), y.At(Shown(curve.upper[i]))});
      }
      for (std::size_t i = curve.lower.size(); i-- > 0;) {
        outline.push_back({x.At(curve.prompt_tokens[i]), y.At(Shown(curve.lower[i]))});
      }
      svg_.Polygon(outline, kBandStyle);
    }
    std::vector<SvgPoint> piece;
    for (std::size_t i = 0; i < curve.score.size(); ++i) {
      piece.push_back({x.At(curve.prompt_tokens[i]), y.At(Shown(curve.score[i]))});
      const bool last = i + 1 == curve.score.size();
      if (!last && curve.extrapolated[i] == curve.extrapolated[i + 1]) continue;
      DrawPiece(piece, curve.extrapolated[i]);
      // Begin the next piece where this one ends.
      piece = {piece.back()};
    }
  }

  void DrawPiece(const std::vector<SvgPoint>& piece, bool extrapolated) {
    if (piece.size() < 2) return;
    svg_.Polyline(piece, absl::StrCat(kCurveStyle, extrapolated ? R"( stroke-dasharray="1.5 3.5")" : ""));
  }

  // Draws the points that are held out, or those that are not.
  void DrawPoints(const std::vector<PlotPoint>& points, bool held_out, const Axis& x, const Axis& y) {
    svg_.OpenGroup(held_out ? kHollowPointStyle : kPointStyle);
    for (const PlotPoint& point : points) {
      if (point.held_out != held_out) continue;
      svg_.Circle({x.At(point.prompt_tokens), y.At(point.score)}, std::max(1.7, 3.6 * std::sqrt(point.share)));
    }
    svg_.CloseGroup();
  }

  void DrawScoreLabels(double left, const Axis& y) {
    const double step = score_ticks_[1];
    const int digits = step >= 0.0999 ? 1 : step >= 0.00999 ? 2 : 3;
    svg_.OpenGroup(R"(font-size="11.5" text-anchor="end")");
    for (const double tick : score_ticks_) {
      svg_.Text({left - 7, y.At(tick) + 4}, absl::StrFormat("%.*f", digits, tick), "");
    }
    svg_.CloseGroup();
  }

  void DrawTokenLabels(double bottom, const Axis& x) {
    svg_.OpenGroup(R"(font-size="11.5" text-anchor="middle")");
    for (const double tick : Ticks()) svg_.Text({x.At(tick), bottom + 17}, TokenText(tick), "");
    svg_.CloseGroup();
  }

  void DrawAxisTitles(double top) {
    const double middle = (top + kPanelHeader + y_) / 2;
    svg_.Text({22, middle}, "score",
              absl::StrFormat(R"raw(font-size="13" text-anchor="middle" transform="rotate(-90 22 %.1f)")raw", middle));
    svg_.Text({(kLeft + grid_.width - kRight) / 2, y_ + 40}, "prompt length (tokens, logarithmic scale)",
              R"(font-size="13" text-anchor="middle")");
    y_ += 68;
  }

  void DrawNotes() {
    for (const std::string& line : LinesWithin(absl::StrJoin(plot_.notes, " "), grid_.width - kLeft - kRight, 11)) {
      svg_.Text({kLeft, y_}, line, R"(font-size="11" fill="#555555")");
      y_ += 16;
    }
  }

  // Clamps a score to the range of the axis.
  double Shown(double score) const { return std::clamp(score, 0.0, score_ticks_.back()); }

  const Plot& plot_;
  const Grid grid_;
  const std::vector<double> score_ticks_;
  Svg svg_;
  double y_ = 0;  // how far the picture has been drawn
};

}  // namespace

std::string RenderSvg(const Plot& plot) { return Renderer(plot).Run(); }

}  // namespace ctxfit
