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
  double share;  // of the largest weight in the panel; 1 for single scores
  bool held_out = false;
};

// The fitted law and its band at ascending prompt lengths. The band is empty if there are no replicates.
struct PlotCurve {
  std::vector<double> prompt_tokens;
  std::vector<double> score;
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<bool> extrapolated;
};

// Contents of the panel of one model level.
struct PlotPanel {
  std::string title;     // the models' names, or the compute
  std::string subtitle;  // compute and context limit
  double compute_flops;
  double limit_tokens;  // 0 if it is not known
  std::vector<PlotPoint> points;
  PlotCurve curve;
};

// Contents of a picture of one fit.
struct Plot {
  std::string title;
  std::vector<std::string> parameters;  // items of the line below the title
  std::string band_label;               // "95 % band"; "" without bands
  std::vector<std::string> notes;       // sentences of the footnote
  double prompt_min;                    // tokens; the range of the shared axis
  double prompt_max;
  std::vector<PlotPanel> panels;
};

// Limit on the panels of a picture; more levels are thinned out evenly, and a note says so.
inline constexpr std::size_t kMaxPanels = 16;

// Limit on the rows of a panel that are drawn one by one.
inline constexpr std::size_t kMaxSinglePoints = 60;

// Makes the picture of a fit and the observations it was fitted to, without curves. A panel with more than
// kMaxSinglePoints rows shows their weighted means over bins of half an octave of prompt length, separately on either
// side of the limit.
Plot MakePlot(const v1::Observations& observations, const v1::Fit& fit);

// Makes the request for the curves: for each panel in turn, at the prompt lengths at which its curve is drawn.
v1::PredictRequest CurveRequest(const Plot& plot, const v1::Fit& fit);

// Sets the panels' curves from the response to CurveRequest(). Where a band is withheld its ends are the score, and a
// note says so.
void SetCurves(const v1::PredictRequest& request, const v1::PredictResponse& response, Plot& plot);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_PLOT_DATA_H_
