#ifndef CTXFIT_CLIENT_COMMAND_CONTOURS_H_
#define CTXFIT_CLIENT_COMMAND_CONTOURS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/command/service_connection.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/observations.pb.h"

namespace ctxfit {

// Points to draw together with score contours.
struct ContourRows {
  const v1::Observations& rows;  // scores are ignored
  std::string label;             // for the legend: "observed"
};

// Draws the score contours of each fit at the context limit `limit_tokens`, 0 for none, to the files that PlotPaths()
// derives from `path`. Errors are those of the service, and of files that cannot be written.
absl::Status WriteContours(const ContourRows& points, const std::vector<const v1::Fit*>& fits, double limit_tokens,
                           const std::string& path, const ServiceConnection& connection);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_COMMAND_CONTOURS_H_
