#include "client/plot/contour_data.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/plot/curve_prompts.h"
#include "client/plot/task_rows.h"
#include "client/text/number_text.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/observations.pb.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {
namespace {

// Widens [low, high] by `factor` on either side, or further until high / low is `least_ratio`.
void Widen(double factor, double least_ratio, double& low, double& high) {
  const double widening = std::max(factor, std::sqrt(least_ratio / (high / low)));
  low /= widening;
  high *= widening;
}

void SetRanges(const std::vector<ModelLevel>& levels, const v1::Observations& rows, ContourPlot& plot) {
  plot.prompt_min = plot.observed.prompt_tokens_min();
  plot.prompt_max = plot.observed.prompt_tokens_max();
  if (plot.limit_tokens > 0) {
    plot.prompt_min = std::min(plot.prompt_min, plot.limit_tokens);
    plot.prompt_max = std::max(plot.prompt_max, plot.limit_tokens);
  }
  plot.compute_min = plot.observed.compute_flops_min();
  plot.compute_max = plot.observed.compute_flops_max();
  for (const ModelLevel& level : levels) {
    plot.compute_min = std::min(plot.compute_min, level.compute_flops);
    plot.compute_max = std::max(plot.compute_max, level.compute_flops);
    for (const int row : level.rows) {
      plot.prompt_min = std::min(plot.prompt_min, rows.prompt_tokens(row));
      plot.prompt_max = std::max(plot.prompt_max, rows.prompt_tokens(row));
    }
  }
  Widen(1.5, 16, plot.prompt_min, plot.prompt_max);
  Widen(4, 100, plot.compute_min, plot.compute_max);
}

// Sets the fitted prompt lengths to those of the rows where the law does not use any: it extrapolates nowhere along
// them.
void CoverPrompts(const v1::Observations& rows, v1::ObservedRanges& observed) {
  if (observed.has_prompt_tokens_min() && observed.has_prompt_tokens_max()) return;
  const auto& prompts = rows.prompt_tokens();
  const auto [shortest, longest] = std::minmax_element(prompts.begin(), prompts.end());
  observed.set_prompt_tokens_min(*shortest);
  observed.set_prompt_tokens_max(*longest);
}

// Adds the rows of a level as points, once if several would cover each other in the picture.
void AddPoints(const ModelLevel& level, const v1::Observations& rows, std::vector<ContourPoint>& points) {
  constexpr double kPerOctave = 32;
  std::set<double> taken;
  for (const int row : level.rows) {
    const double prompt = rows.prompt_tokens(row);
    if (taken.insert(std::round(kPerOctave * std::log2(prompt))).second) {
      points.push_back({prompt, level.compute_flops});
    }
  }
}

std::vector<double> Prompts(const ContourPlot& plot, const v1::Fit& fit) {
  return CurvePrompts(plot.prompt_min, plot.prompt_max, fit.parameters(), plot.limit_tokens);
}

// Returns the fit without its replicates, since lines have no band.
v1::Fit WithoutReplicates(v1::Fit fit) {
  fit.clear_replicates();
  return fit;
}

// Returns six to twelve round scores below `highest`.
std::vector<double> LevelsBelow(double highest) {
  double step = 0.1;
  for (const double finer : {0.05, 0.02, 0.01, 0.005, 0.002, 0.001}) {
    if (highest > 6 * step) break;
    step = finer;
  }
  std::vector<double> levels;
  for (int i = 1; i * step < highest && i * step < 1; ++i) levels.push_back(i * step);
  return levels;
}

// Clips a line, given by ln C at ascending prompt lengths, to the range of compute in the picture.
class Clipper {
 public:
  Clipper(const ContourPlot& plot, std::vector<std::vector<ContourPoint>>& pieces)
      : low_(std::log(plot.compute_min)), high_(std::log(plot.compute_max)), pieces_(pieces) {}

  void Add(double prompt, double log_compute) {
    const double log_prompt = std::log(prompt);
    if (has_last_) AddSegment(log_prompt, log_compute);
    has_last_ = true;
    last_prompt_ = log_prompt;
    last_compute_ = log_compute;
  }

  // Ends the current piece: the next point begins a new one.
  void Break() { has_last_ = false; }

 private:
  void AddSegment(double log_prompt, double log_compute) {
    if (std::max(last_compute_, log_compute) < low_ || std::min(last_compute_, log_compute) > high_) return;
    const auto at = [&](double share) {
      return ContourPoint{std::exp(last_prompt_ + share * (log_prompt - last_prompt_)),
                          std::exp(last_compute_ + share * (log_compute - last_compute_))};
    };
    const double rise = log_compute - last_compute_;
    const auto share_at = [&](double limit) { return rise == 0 ? 0 : (limit - last_compute_) / rise; };
    const double from = last_compute_ < low_ ? share_at(low_) : last_compute_ > high_ ? share_at(high_) : 0;
    const double to = log_compute < low_ ? share_at(low_) : log_compute > high_ ? share_at(high_) : 1;
    if (from > 0 || pieces_.empty() || !continues_) pieces_.push_back({at(from)});
    pieces_.back().push_back(at(to));
    continues_ = to == 1;
  }

  const double low_;
  const double high_;
  std::vector<std::vector<ContourPoint>>& pieces_;
  bool has_last_ = false;
  bool continues_ = false;  // true if the last piece ends where the next segment begins
  double last_prompt_ = 0;
  double last_compute_ = 0;
};

}  // namespace

ContourPlot MakeContourPlot(const v1::Observations& rows, const std::string& points_label, const v1::Fit& fit,
                            double limit_tokens) {
  ContourPlot plot;
  const std::string at_limit =
      limit_tokens > 0 ? absl::StrCat(" at a context limit of ", TokenText(limit_tokens), " tokens") : "";
  plot.title = absl::StrCat(fit.task().empty() ? "" : absl::StrCat(fit.task(), ": "), "score", at_limit);
  plot.limit_tokens = limit_tokens;
  plot.observed = fit.observed_ranges();
  CoverPrompts(rows, plot.observed);
  plot.points_label = points_label;
  const std::vector<ModelLevel> levels = FindLevels(rows, fit.task());
  SetRanges(levels, rows, plot);
  for (const ModelLevel& level : levels) {
    AddPoints(level, rows, level.limit_tokens == limit_tokens ? plot.points : plot.elsewhere);
  }
  plot.notes.push_back(absl::StrCat(
      "Each line joins the prompt lengths and training computes at which the fitted law gives one score", at_limit,
      ". Shaded: outside the fitted computes and prompt lengths, where the lines rest on the form of the law."));
  if (!plot.elsewhere.empty()) plot.notes.emplace_back("Hollow points have another context limit.");
  return plot;
}

v1::PredictRequest UpperEdgeRequest(const ContourPlot& plot, const v1::Fit& fit) {
  v1::PredictRequest request;
  *request.mutable_fit() = WithoutReplicates(fit);
  request.mutable_grid()->add_training_compute_flops(plot.compute_max);
  if (plot.limit_tokens > 0) request.mutable_grid()->add_context_limit_tokens(plot.limit_tokens);
  for (const double prompt : Prompts(plot, fit)) request.mutable_grid()->add_prompt_tokens(prompt);
  return request;
}

v1::SolveRequest LinesRequest(const ContourPlot& plot, const v1::Fit& fit, const v1::PredictResponse& upper_edge) {
  v1::SolveRequest request;
  *request.mutable_fit() = WithoutReplicates(fit);
  const auto& scores = upper_edge.predictions().score();
  const std::vector<double> prompts = Prompts(plot, fit);
  // Any limit will do for a law without a penalty, but there must be one.
  const double limit = plot.limit_tokens > 0 ? plot.limit_tokens : 1;
  v1::ComputeQueries& queries = *request.mutable_training_compute();
  for (const double level : LevelsBelow(*std::max_element(scores.begin(), scores.end()))) {
    for (const double prompt : prompts) {
      queries.add_target_score(level);
      queries.add_prompt_tokens(prompt);
      queries.add_context_limit_tokens(limit);
    }
  }
  return request;
}

void SetLines(const v1::SolveResponse& response, ContourPlot& plot) {
  // Distance in ln C outside the picture: far enough for a line to leave it where the law does, near enough to
  // interpolate.
  constexpr double kOutside = 20;
  bool undetermined = false;
  for (int i = 0; i < response.solutions_size();) {
    ContourLine line = {response.solutions(i).target_score(), {}};
    Clipper clipper(plot, line.pieces);
    for (; i < response.solutions_size() && response.solutions(i).target_score() == line.score; ++i) {
      const v1::Solution& solution = response.solutions(i);
      if (solution.outcome() == v1::SOLVE_OUTCOME_NOT_DETERMINED) {
        undetermined = true;
        clipper.Break();
      } else if (solution.outcome() == v1::SOLVE_OUTCOME_NOT_REACHABLE) {
        clipper.Add(solution.prompt_tokens(), std::log(plot.compute_max) + kOutside);
      } else {
        clipper.Add(solution.prompt_tokens(),
                    std::clamp(std::log(solution.least().value()), std::log(plot.compute_min) - kOutside,
                               std::log(plot.compute_max) + kOutside));
      }
    }
    if (!line.pieces.empty()) plot.lines.push_back(std::move(line));
  }
  if (undetermined) plot.notes.emplace_back("There are no lines where the observations do not determine the score.");
}

}  // namespace ctxfit
