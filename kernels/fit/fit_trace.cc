#include "kernels/fit/fit_trace.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/base/logfmt.h"
#include "kernels/descent/replicate_fits.h"
#include "kernels/law/parameters.h"

namespace ctxfit {
namespace {

absl::string_view Text(bool value) { return value ? "true" : "false"; }

}  // namespace

FitTrace::FitTrace(absl::string_view task, const Domain& domain, const Penalty& penalty, const TraceSink& sink)
    : task_(LogfmtQuoted(task)), domain_(domain), penalty_(penalty), sink_(sink) {}

void FitTrace::OnGeneration(int generation, double best_cost, double mean_cost) {
  Write("generation",
        absl::StrFormat("generation=%d best_cost=%.10g mean_cost=%.10g", generation, best_cost, mean_cost));
}

void FitTrace::OnSearchEnds(const std::vector<DescentEnd>& ends, double variance) {
  WriteEnds("search_end", ends, variance);
}

void FitTrace::OnSearch(const SearchResult& search) const {
  Write("search",
        absl::StrFormat("generations=%d evaluations=%d starts=%d message=%s", search.generation_count,
                        search.evaluation_count, search.starts.size(), LogfmtQuoted(search.termination_message)));
}

void FitTrace::OnRefinementEnds(const std::vector<DescentEnd>& ends, double variance) {
  WriteEnds("refinement_end", ends, variance);
}

void FitTrace::OnPolish(const DescentEnd& before, const DescentEnd& after, double variance) {
  Write("polish", absl::StrFormat("fell_by_deviance=%.6g converged=%s%s", (before.cost - after.cost) / variance,
                                  Text(after.converged), Parameters(after.point)));
}

void FitTrace::OnRefinement(const Refinement& refinement) const {
  for (const Basin& basin : refinement.basins) {
    Write("basin",
          absl::StrFormat("deviance=%.6g ends=%d%s", basin.deviance, basin.end_count, Parameters(basin.point)));
  }
  Write("refinement",
        absl::StrFormat("starts=%d basins=%d converged=%s message=%s", refinement.start_count, refinement.basins.size(),
                        Text(refinement.converged), LogfmtQuoted(refinement.termination_message)));
}

void FitTrace::OnReplicates(const ReplicateFits& replicates) const {
  for (std::size_t b = 0; b < replicates.points.size(); ++b) {
    if (replicates.converged[b]) continue;
    Write("replicate", absl::StrFormat("replicate=%d converged=false%s", b, Parameters(replicates.points[b])));
  }
  const auto converged = std::count(replicates.converged.begin(), replicates.converged.end(), true);
  Write("replicates", absl::StrFormat("replicates=%d converged=%d max_iterations=%d", replicates.points.size(),
                                      converged, replicates.max_iteration_count));
}

void FitTrace::Write(absl::string_view event, absl::string_view pairs) const {
  sink_(absl::StrCat("event=", event, " task=", task_, " ", pairs));
}

void FitTrace::WriteEnds(absl::string_view event, const std::vector<DescentEnd>& ends, double variance) const {
  for (const DescentEnd& end : ends) {
    Write(event,
          absl::StrFormat("deviance=%.6g iterations=%d converged=%s%s", (end.cost - ends.front().cost) / variance,
                          end.iterations, Text(end.converged), Parameters(end.point)));
  }
}

std::string FitTrace::Parameters(const Point& point) const {
  std::string parameters;
  for (int i = 0; i < kCoordinateCount; ++i) {
    if (!domain_.free[i]) continue;
    const auto coordinate = static_cast<Coordinate>(i);
    absl::StrAppendFormat(&parameters, " %s=%.10g", ParameterName(coordinate, penalty_.form),
                          ToParameter(coordinate, point.at[i], penalty_));
  }
  return parameters;
}

}  // namespace ctxfit
