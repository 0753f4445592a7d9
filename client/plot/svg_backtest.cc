#include "client/plot/svg_backtest.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/plot/axis.h"
#include "client/plot/svg.h"
#include "client/plot/svg_style.h"

namespace ctxfit {
namespace {

// Distances in pixels.
constexpr double kLeft = 70;
constexpr double kGap = 80;
constexpr double kRight = 26;
constexpr double kTop = 96;
constexpr double kPanelWidth = 470;
constexpr double kPanelHeight = 380;
constexpr double kWidth = kLeft + 2 * kPanelWidth + kGap + kRight;
constexpr double kHeight = kTop + kPanelHeight + 64;

// A predictor in the picture: its name, its colour, and its place among the baselines, -1 for the law.
struct Series {
  const char* name;
  const char* colour;
  int baseline;
};

// Colours that are distinct under any colour vision (Okabe and Ito 2008).
constexpr Series kSeries[] = {
    {"law", "#d55e00", -1}, {"line on the logarithm", "#0072b2", 1}, {"line on the logit", "#009e73", 2}};

double DistanceOf(const v1::HeldOutMean& mean) { return std::hypot(mean.compute_distance(), mean.prompt_distance()); }

// The error of a series on a mean; NaN if the fold has no such baseline.
double ErrorOf(const v1::HeldOutMean& mean, const Series& series) {
  if (series.baseline < 0) return std::abs(mean.law() - mean.score());
  if (series.baseline >= mean.baselines_size()) return std::nan("");
  return std::abs(mean.baselines(series.baseline) - mean.score());
}

// Draws the picture.
class Renderer {
 public:
  explicit Renderer(const v1::Backtest& backtest) : backtest_(backtest) {
    for (const v1::Fold& fold : backtest.folds()) {
      for (const v1::HeldOutMean& mean : fold.means()) means_.push_back(&mean);
    }
  }

  std::string Run() {
    const std::string title =
        absl::StrCat(backtest_.task().empty() ? "Backtest" : backtest_.task(), ": predictions of held-out rows");
    svg_.Text({kLeft, 38}, title, R"(font-size="20" font-weight="bold")");
    if (backtest_.has_verdict()) {
      svg_.Text({kLeft, 60}, backtest_.verdict().sentence(), R"(font-size="12.5" fill="#444444")");
    }
    DrawLegend();
    DrawErrors();
    DrawMeans();
    return svg_.Finish(kWidth, kHeight, title);
  }

 private:
  void DrawLegend() {
    double x = kLeft;
    for (const Series& series : kSeries) {
      svg_.Line({x, 78}, {x + 26, 78}, absl::StrFormat(R"(stroke="%s" stroke-width="2")", series.colour));
      svg_.Text({x + 33, 82}, series.name, R"(font-size="12")");
      x += 180;
    }
  }

  void DrawFrame(double left, const Axis& x, const Axis& y, const std::vector<double>& x_ticks,
                 const std::vector<double>& y_ticks) {
    svg_.OpenGroup(R"(stroke="#e6e6e6")");
    for (const double tick : x_ticks) svg_.Line({x.At(tick), kTop}, {x.At(tick), kTop + kPanelHeight}, "");
    for (const double tick : y_ticks) svg_.Line({left, y.At(tick)}, {left + kPanelWidth, y.At(tick)}, "");
    svg_.CloseGroup();
    svg_.Rectangle({left, kTop}, kPanelWidth, kPanelHeight, R"(fill="none" stroke="#8c8c8c")");
    svg_.OpenGroup(R"(font-size="11.5" text-anchor="middle")");
    for (const double tick : x_ticks) svg_.Text({x.At(tick), kTop + kPanelHeight + 17}, Label(tick), "");
    svg_.CloseGroup();
    svg_.OpenGroup(R"(font-size="11.5" text-anchor="end")");
    for (const double tick : y_ticks) svg_.Text({left - 7, y.At(tick) + 4}, Label(tick), "");
    svg_.CloseGroup();
  }

  static std::string Label(double tick) { return absl::StrFormat("%.3g", tick); }

  void DrawTitles(double left, const std::string& x, const std::string& y) {
    svg_.Text({left + kPanelWidth / 2, kTop + kPanelHeight + 42}, x, R"(font-size="13" text-anchor="middle")");
    const double at = left - 48;
    const double middle = kTop + kPanelHeight / 2;
    svg_.Text(
        {at, middle}, y,
        absl::StrFormat(R"raw(font-size="13" text-anchor="middle" transform="rotate(-90 %.1f %.1f)")raw", at, middle));
  }

  // Errors against distance, single means and the mean of each bin.
  void DrawErrors() {
    double farthest = 0.1;
    double highest = 0.01;
    for (const v1::HeldOutMean* mean : means_) {
      farthest = std::max(farthest, DistanceOf(*mean));
      for (const Series& series : kSeries) highest = std::fmax(highest, ErrorOf(*mean, series));
    }
    const std::vector<double> y_ticks = ScoreTicks(std::min(1.0, highest));
    std::vector<double> x_ticks;
    const double step = farthest > 3 ? 1 : farthest > 1 ? 0.5 : 0.1;
    for (int i = 0; i * step <= farthest; ++i) x_ticks.push_back(i * step);
    const Axis x = Axis::Linear(-0.02 * farthest, 1.02 * farthest, kLeft, kLeft + kPanelWidth);
    const Axis y = Axis::Linear(0, y_ticks.back(), kTop + kPanelHeight, kTop);
    DrawFrame(kLeft, x, y, x_ticks, y_ticks);
    for (const Series& series : kSeries) DrawSeries(series, x, y);
    DrawTitles(kLeft, "distance from the fitted range (natural logarithms)", "absolute error of a held-out mean");
  }

  void DrawSeries(const Series& series, const Axis& x, const Axis& y) {
    svg_.OpenGroup(absl::StrFormat(R"(fill="%s" fill-opacity="0.45")", series.colour));
    for (const v1::HeldOutMean* mean : means_) {
      const double error = ErrorOf(*mean, series);
      if (std::isfinite(error)) svg_.Circle({x.At(DistanceOf(*mean)), y.At(error)}, 2.2);
    }
    svg_.CloseGroup();
    std::vector<SvgPoint> line;
    for (const v1::DistanceBin& bin : backtest_.distances()) {
      if (!bin.has_law()) continue;
      const bool has = series.baseline < bin.baselines_size();
      if (!has) continue;
      const double error = series.baseline < 0 ? bin.law().mae() : bin.baselines(series.baseline).mae();
      line.push_back({x.At(MeanDistance(bin)), y.At(error)});
    }
    if (line.size() < 2) return;
    svg_.Polyline(
        line, absl::StrFormat(R"(fill="none" stroke="%s" stroke-width="2" stroke-linejoin="round")", series.colour));
  }

  // The mean distance of the means of a bin.
  double MeanDistance(const v1::DistanceBin& bin) const {
    double sum = 0;
    int count = 0;
    for (const v1::HeldOutMean* mean : means_) {
      const double distance = DistanceOf(*mean);
      const bool below = bin.has_upper() && distance > bin.upper();
      const bool within = bin.has_upper() && bin.upper() == 0 ? distance == 0 : distance > bin.lower() && !below;
      if (!within) continue;
      sum += distance;
      ++count;
    }
    return count == 0 ? 0 : sum / count;
  }

  // Held-out means against predictions by the law, with the band of each.
  void DrawMeans() {
    const double left = kLeft + kPanelWidth + kGap;
    double highest = 0.01;
    for (const v1::HeldOutMean* mean : means_) {
      highest = std::max({highest, mean->score(), mean->law(), mean->upper()});
    }
    const std::vector<double> ticks = ScoreTicks(std::min(1.0, highest));
    const Axis x = Axis::Linear(0, ticks.back(), left, left + kPanelWidth);
    const Axis y = Axis::Linear(0, ticks.back(), kTop + kPanelHeight, kTop);
    DrawFrame(left, x, y, ticks, ticks);
    svg_.Line({x.At(0), y.At(0)}, {x.At(ticks.back()), y.At(ticks.back())}, kLimitStyle);
    svg_.OpenGroup(R"(stroke="#d55e00" stroke-opacity="0.5" stroke-width="3")");
    for (const v1::HeldOutMean* mean : means_) {
      if (!mean->has_lower()) continue;
      const double at = x.At(mean->law());
      svg_.Line({at, y.At(mean->lower())}, {at, y.At(std::min(mean->upper(), ticks.back()))}, "");
    }
    svg_.CloseGroup();
    svg_.OpenGroup(kPointStyle);
    for (const v1::HeldOutMean* mean : means_) {
      svg_.Circle({x.At(std::min(mean->law(), ticks.back())), y.At(std::min(mean->score(), ticks.back()))}, 2.6);
    }
    svg_.CloseGroup();
    DrawTitles(left, "predicted by the law, with its band", "held-out mean score");
  }

  const v1::Backtest& backtest_;
  std::vector<const v1::HeldOutMean*> means_;
  Svg svg_;
};

}  // namespace

std::string RenderSvg(const v1::Backtest& backtest) { return Renderer(backtest).Run(); }

}  // namespace ctxfit
