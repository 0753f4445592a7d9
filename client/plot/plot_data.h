#ifndef CTXFIT_CLIENT_PLOT_PLOT_DATA_H_
#define CTXFIT_CLIENT_PLOT_PLOT_DATA_H_

#include <string>
#include <vector>

#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/observations.pb.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {

// An observed score, or the weighted mean of several.
struct PlotPoint {
  double prompt_tokens;
  double score;
  double share;  // of the panel's largest weight that the means stand for; 1 for single scores
  bool held_out = false;
};

// The fitted law and its band at ascending prompt lengths. A band is empty where there are no replicates.
struct PlotCurve {
  std::vector<double> prompt_tokens;
  std::vector<double> score;
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<bool> extrapolated;
};

// What is drawn for one model level.
struct PlotPanel {
  std::string title;     // the models' names, or the compute
  std::string subtitle;  // compute and context limit
  double compute_flops;
  double limit_tokens;
  std::vector<PlotPoint> points;
  PlotCurve curve;
};

// A picture of one fit.
struct Plot {
  std::string title;
  std::vector<std::string> parameters;  // items of the line below the title
  std::string band_label;               // "95 % band"; "" without bands
  std::vector<std::string> notes;       // sentences of the footnote
  double prompt_min;                    // tokens; the range of the shared axis
  double prompt_max;
  std::vector<PlotPanel> panels;
};

// Panels of a picture at most; more levels are thinned out evenly, and a note says so.
inline constexpr std::size_t kMaxPanels = 16;

// Rows of a panel that are drawn one by one at most.
inline constexpr std::size_t kMaxSinglePoints = 60;

// The picture of a fit and the observations it was fitted to, without curves. A panel with more than 60 rows shows
// their weighted means over prompt lengths within about a factor of the square root of 2, apart for either side of the
// limit.
Plot MakePlot(const v1::Observations& observations, const v1::Fit& fit);

// Where the curves are wanted: for each panel in turn, the prompt lengths at which its curve is drawn.
v1::PredictRequest CurveRequest(const Plot& plot, const v1::Fit& fit);

// Takes the answer to that request apart into the panels' curves.
void SetCurves(const v1::PredictRequest& request, const v1::PredictResponse& response, Plot& plot);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_PLOT_DATA_H_
