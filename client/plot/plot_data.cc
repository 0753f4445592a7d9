#include "client/plot/plot_data.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/plot/curve_prompts.h"
#include "client/plot/plot_notes.h"
#include "client/plot/task_rows.h"
#include "client/text/number_text.h"
#include "client/text/quantity_names.h"
#include "ctxfit/v1/fit.pb.h"
#include "ctxfit/v1/observations.pb.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {
namespace {

// Sums over the scores in a bin.
struct Bin {
  bool held_out = false;
  bool beyond_limit = false;
  double weight = 0;
  double score = 0;
  double log_prompt = 0;

  void Add(const Bin& other) {
    weight += other.weight;
    score += other.score;
    log_prompt += other.log_prompt;
  }
  double Centre() const { return log_prompt / weight; }
  bool MayJoin(const Bin& other) const { return held_out == other.held_out && beyond_limit == other.beyond_limit; }
};

double Weight(const v1::Observations& observations, int row) {
  return observations.weight_size() > 0 ? observations.weight(row) : 1;
}

// Returns bins of half an octave, ordered by held-out or fitted, by side of the limit and then by prompt length.
std::vector<Bin> HalfOctaveBins(const v1::Observations& observations, const ModelLevel& level) {
  std::map<std::tuple<bool, bool, int>, Bin> bins;
  for (const int row : level.rows) {
    const double prompt = observations.prompt_tokens(row);
    const double weight = Weight(observations, row);
    const bool held_out = IsHeldOut(observations, row);
    const bool beyond = level.limit_tokens > 0 && prompt > level.limit_tokens;
    const Bin single = {held_out, beyond, weight, weight * observations.score(row), weight * std::log(prompt)};
    Bin& bin = bins[{held_out, beyond, static_cast<int>(std::floor(2 * std::log2(prompt)))}];
    bin.held_out = held_out;
    bin.beyond_limit = beyond;
    bin.Add(single);
  }
  std::vector<Bin> sorted;
  for (const auto& [key, bin] : bins) sorted.push_back(bin);
  return sorted;
}

// Merges every bin with less than a hundredth of the weight into its nearest neighbour on the same side of the limit:
// the mean of a few scores is noise, and would stretch the axis.
void MergeSmallBins(std::vector<Bin>& bins) {
  double total = 0;
  for (const Bin& bin : bins) total += bin.weight;
  for (std::size_t i = 0; i < bins.size();) {
    const bool has_left = i > 0 && bins[i - 1].MayJoin(bins[i]);
    const bool has_right = i + 1 < bins.size() && bins[i + 1].MayJoin(bins[i]);
    if (bins[i].weight >= 0.01 * total || (!has_left && !has_right)) {
      ++i;
      continue;
    }
    const bool to_left =
        !has_right || (has_left && bins[i].Centre() - bins[i - 1].Centre() < bins[i + 1].Centre() - bins[i].Centre());
    bins[to_left ? i - 1 : i + 1].Add(bins[i]);
    bins.erase(bins.begin() + i);
  }
}

std::vector<PlotPoint> BinnedPoints(const v1::Observations& observations, const ModelLevel& level) {
  std::vector<Bin> bins = HalfOctaveBins(observations, level);
  MergeSmallBins(bins);
  double largest = 0;
  for (const Bin& bin : bins) largest = std::max(largest, bin.weight);
  std::vector<PlotPoint> points;
  for (const Bin& bin : bins) {
    points.push_back({std::exp(bin.Centre()), bin.score / bin.weight, bin.weight / largest, bin.held_out});
  }
  return points;
}

std::vector<PlotPoint> SinglePoints(const v1::Observations& observations, const ModelLevel& level) {
  std::vector<PlotPoint> points;
  for (const int row : level.rows) {
    points.push_back({observations.prompt_tokens(row), observations.score(row), 1, IsHeldOut(observations, row)});
  }
  return points;
}

// Returns a model's name without its owner.
absl::string_view ShortName(absl::string_view model) {
  const std::size_t slash = model.rfind('/');
  return slash == absl::string_view::npos || slash + 1 == model.size() ? model : model.substr(slash + 1);
}

PlotPanel MakePanel(const v1::Observations& observations, const ModelLevel& level) {
  const std::string compute = absl::StrCat("C = ", TypesetNumber(level.compute_flops, 4), " FLOP");
  const std::string limit =
      level.limit_tokens > 0 ? absl::StrCat("limit ", TokenText(level.limit_tokens), " tokens") : "";
  std::vector<absl::string_view> names;
  for (const std::string& model : level.models) names.push_back(ShortName(model));
  PlotPanel panel = {absl::StrJoin(names, ", "),
                     absl::StrCat(compute, limit.empty() ? "" : ", ", limit),
                     level.compute_flops,
                     level.limit_tokens,
                     {},
                     {}};
  if (names.empty()) {
    panel.title = compute;
    panel.subtitle = limit.empty() ? "" : absl::StrCat("context ", limit);
  }
  panel.points =
      level.rows.size() > kMaxSinglePoints ? BinnedPoints(observations, level) : SinglePoints(observations, level);
  return panel;
}

std::vector<ModelLevel> Thinned(std::vector<ModelLevel> levels) {
  if (levels.size() <= kMaxPanels) return levels;
  std::vector<ModelLevel> kept;
  for (std::size_t i = 0; i < kMaxPanels; ++i) {
    kept.push_back(std::move(levels[i * (levels.size() - 1) / (kMaxPanels - 1)]));
  }
  return kept;
}

// Sets the axis to cover every prompt length and every context limit, with a margin, and at least two octaves.
void SetPromptRange(const v1::Observations& observations, const std::vector<ModelLevel>& levels, Plot& plot) {
  plot.prompt_min = plot.prompt_max = observations.prompt_tokens(levels.front().rows.front());
  const auto include = [&plot](double tokens) {
    plot.prompt_min = std::min(plot.prompt_min, tokens);
    plot.prompt_max = std::max(plot.prompt_max, tokens);
  };
  for (const ModelLevel& level : levels) {
    if (level.limit_tokens > 0) include(level.limit_tokens);
    for (const int row : level.rows) include(observations.prompt_tokens(row));
  }
  const double widening = std::max(1.2, 2 / std::sqrt(plot.prompt_max / plot.prompt_min));
  plot.prompt_min /= widening;
  plot.prompt_max *= widening;
}

}  // namespace

Plot MakePlot(const v1::Observations& observations, const v1::Fit& fit) {
  Plot plot;
  const std::vector<ModelLevel> levels = FindLevels(observations, fit.task());
  const bool binned = std::any_of(levels.begin(), levels.end(),
                                  [](const ModelLevel& level) { return level.rows.size() > kMaxSinglePoints; });
  plot.title = absl::StrCat(fit.task().empty() ? "" : absl::StrCat(fit.task(), ": "), "score against prompt length");
  plot.parameters = ParameterItems(fit);
  if (fit.replicates().compute_coefficient_size() > 0) {
    plot.band_label = absl::StrCat(PercentText(fit.bootstrap().confidence()), " band");
  }
  plot.notes = Notes(fit, levels.size(), binned);
  SetPromptRange(observations, levels, plot);
  for (const ModelLevel& level : Thinned(levels)) plot.panels.push_back(MakePanel(observations, level));
  return plot;
}

v1::PredictRequest CurveRequest(const Plot& plot, const v1::Fit& fit) {
  v1::PredictRequest request;
  *request.mutable_fit() = fit;
  for (const PlotPanel& panel : plot.panels) {
    for (const double prompt : CurvePrompts(plot.prompt_min, plot.prompt_max, fit.parameters(), panel.limit_tokens)) {
      request.mutable_points()->add_training_compute_flops(panel.compute_flops);
      request.mutable_points()->add_prompt_tokens(prompt);
      if (panel.limit_tokens > 0) request.mutable_points()->add_context_limit_tokens(panel.limit_tokens);
    }
  }
  return request;
}

void SetCurves(const v1::PredictRequest& request, const v1::PredictResponse& response, Plot& plot) {
  const v1::Predictions& predictions = response.predictions();
  std::size_t at = 0;
  bool withheld = false;
  for (PlotPanel& panel : plot.panels) {
    const std::size_t size =
        CurvePrompts(plot.prompt_min, plot.prompt_max, request.fit().parameters(), panel.limit_tokens).size();
    const auto cut = [&](const auto& column, auto& out) {
      if (!column.empty()) out.assign(column.begin() + at, column.begin() + at + size);
    };
    cut(predictions.prompt_tokens(), panel.curve.prompt_tokens);
    cut(predictions.score(), panel.curve.score);
    cut(predictions.mean_lower(), panel.curve.lower);
    cut(predictions.mean_upper(), panel.curve.upper);
    cut(predictions.extrapolated(), panel.curve.extrapolated);
    // A band of no width is not seen.
    for (std::size_t i = 0; i < panel.curve.lower.size(); ++i) {
      const auto point = static_cast<int>(at + i);
      if (point >= predictions.band_withheld_size() || !predictions.band_withheld(point)) continue;
      panel.curve.lower[i] = panel.curve.upper[i] = panel.curve.score[i];
      withheld = true;
    }
    at += size;
  }
  if (!withheld) return;
  plot.notes.emplace_back(
      "There is no band outside the observed range, because the context exponent drifts with compute.");
}

}  // namespace ctxfit
