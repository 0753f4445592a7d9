#ifndef CTXFIT_CLIENT_PLOT_CONTOUR_DATA_H_
#define CTXFIT_CLIENT_PLOT_CONTOUR_DATA_H_

#include <string>
#include <vector>

#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/observations.pb.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {

// A point in the plane of prompt length and training compute.
struct ContourPoint {
  double prompt_tokens;
  double compute_flops;
};

// An iso-score line of the law, in the pieces that lie inside the picture.
struct ContourLine {
  double score;
  std::vector<std::vector<ContourPoint>> pieces;
};

// Contents of a picture of the scores of one fit at one context limit.
struct ContourPlot {
  std::string title;
  std::vector<std::string> notes;  // sentences of the footnote
  double limit_tokens;             // 0 for none, which a law without a penalty does not use
  double prompt_min;               // tokens; the range of the axis
  double prompt_max;
  double compute_min;  // FLOP; the range of the axis
  double compute_max;
  v1::ObservedRanges observed;          // the fit extrapolates outside it
  std::string points_label;             // legend of the points: "observed"
  std::vector<ContourPoint> points;     // at the picture's context limit
  std::vector<ContourPoint> elsewhere;  // at other limits
  std::vector<ContourLine> lines;
};

// Makes the picture of a fit at the context limit `limit_tokens`, 0 for none, without lines. `rows` are the
// observations of the fit's task, or other points to show, with the legend `points_label`; the axes cover all of them,
// the limit and the observed ranges.
ContourPlot MakeContourPlot(const v1::Observations& rows, const std::string& points_label, const v1::Fit& fit,
                            double limit_tokens);

// Makes the request for scores along the upper edge of the picture, which include the highest ones.
v1::PredictRequest UpperEdgeRequest(const ContourPlot& plot, const v1::Fit& fit);

// Makes the request for the iso-score lines: for each of six to twelve round scores, the compute that reaches it by
// prompt length.
v1::SolveRequest LinesRequest(const ContourPlot& plot, const v1::Fit& fit, const v1::PredictResponse& upper_edge);

// Sets the lines from the response to LinesRequest(), clipped to the picture.
void SetLines(const v1::SolveResponse& response, ContourPlot& plot);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_CONTOUR_DATA_H_
