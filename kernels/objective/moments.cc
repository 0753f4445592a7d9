#include "kernels/objective/moments.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <utility>

#include "kernels/base/status_macros.h"
#include "kernels/base/thread_pool.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {
namespace {

// Widest panel, in ln n, at context exponent 1; the width is inversely proportional to the exponent. Let F be analytic
// and at most M in the ellipse whose foci are a panel's ends and whose half-axes sum to rho times its half-width. F
// differs from its interpolating polynomial of degree d in Chebyshev points by at most 4 M rho^-d / (rho - 1)
// (Trefethen 2013, theorem 8.2), which is kInterpolationError for degree 11 and rho = 5.31. exp(-exp(z)), in terms of
// which factor and slope are written, is bounded where |Im z| <= pi / 3, and Im z is the exponent times Im ln n. The
// half-width H follows from H (rho - 1 / rho) / 2 = pi / 3.
constexpr double kPanelWidth = 2 * 0.409;

// The highest context exponent that panels are made for. Those of replicates scatter about the centre's.
double HighestExponent(double exponent) { return std::max(2 * exponent, 0.5); }

// Moments pay off only if there are at most this many per cell.
constexpr std::size_t kMomentsPerCell = 8;

// Prompt lengths [begin, end).
struct PromptRange {
  std::size_t begin;
  std::size_t end;
};

std::vector<PromptRange> CutIntoPanels(const std::vector<double>& log_prompt, double width) {
  std::vector<PromptRange> panels;
  for (std::size_t begin = 0; begin < log_prompt.size(); begin = panels.back().end) {
    const auto end = std::upper_bound(log_prompt.begin(), log_prompt.end(), log_prompt[begin] + width);
    panels.push_back({begin, static_cast<std::size_t>(end - log_prompt.begin())});
  }
  return panels;
}

// The nodes of a panel and their Lagrange polynomials.
class Nodes {
 public:
  Nodes(const std::vector<double>& log_prompt, const PromptRange& range)
      : exact_(range.end - range.begin <= kPanelNodes),
        count_(exact_ ? static_cast<int>(range.end - range.begin) : kPanelNodes) {
    const double first = log_prompt[range.begin];
    const double last = log_prompt[range.end - 1];
    for (int j = 0; j < count_; ++j) {
      // Chebyshev points of the first kind, with their weights in the barycentric formula.
      const double angle = std::numbers::pi * (2 * j + 1) / (2 * count_);
      node_[j] = exact_ ? log_prompt[range.begin + j] : (first + last) / 2 - (last - first) / 2 * std::cos(angle);
      weight_[j] = (j % 2 == 0 ? 1 : -1) * std::sin(angle);
    }
  }

  bool exact() const { return exact_; }
  int count() const { return count_; }
  double at(int j) const { return node_[j]; }

  void Evaluate(double x, double* polynomials) const {
    const double* hit = std::find(node_, node_ + count_, x);
    if (hit != node_ + count_) {
      std::fill_n(polynomials, count_, 0.0);
      polynomials[hit - node_] = 1;
      return;
    }
    double sum = 0;
    for (int j = 0; j < count_; ++j) {
      polynomials[j] = weight_[j] / (x - node_[j]);
      sum += polynomials[j];
    }
    for (int j = 0; j < count_; ++j) polynomials[j] /= sum;
  }

 private:
  const bool exact_;
  const int count_;
  double node_[kPanelNodes];
  double weight_[kPanelNodes];
};

// Sums the moments of one panel after another.
class Gatherer {
 public:
  Gatherer(const VectorKernels& kernels, const Cells& cells, const Point& centre)
      : kernels_(kernels),
        cells_(cells),
        centre_(centre),
        unit_2_count_(std::max(1, cells.unit_2_count)),
        level_of_compute_(cells.log_compute.size(), kNone),
        part_of_key_(KeyCount(cells), kNone) {
    for (const double log_compute : cells.log_compute) {
      factors_.push_back(ComputeFactor(centre, log_compute));
    }
  }

  // The number of combinations of units and compute.
  static std::size_t KeyCount(const Cells& cells) {
    return static_cast<std::size_t>(cells.unit_count) * std::max(1, cells.unit_2_count) * cells.log_compute.size();
  }

  // Returns the moments of one panel alone.
  Moments Gather(const PromptRange& range, double highest_exponent) {
    const Nodes nodes(cells_.log_prompt, range);
    moments_.highest_exponent = nodes.exact() ? std::numeric_limits<double>::infinity() : highest_exponent;
    MomentPanel panel{};
    panel.node_count = nodes.count();
    for (int j = 0; j < nodes.count(); ++j) panel.log_prompt[j] = nodes.at(j);
    double polynomials[kPanelNodes];
    double pairs[2 * kPanelNodes];
    for (std::size_t k = range.begin; k < range.end; ++k) {
      nodes.Evaluate(cells_.log_prompt[k], polynomials);
      for (int i = 0; i < 2 * panel.node_count; ++i) pairs[i] = polynomials[i / 2];
      const double context_factor = ContextFactor(cells_.log_prompt[k]);
      for (std::int32_t i = cells_.prompt_begin[k]; i < cells_.prompt_begin[k + 1]; ++i) {
        AddCell(panel, i, context_factor, pairs);
      }
    }
    panel.level_end = static_cast<std::int32_t>(moments_.level_compute.size());
    panel.part_end = static_cast<std::int32_t>(moments_.parts.size());
    AddCentre(panel);
    // Parts of one level are adjacent, so that their sums stay in registers.
    std::stable_sort(moments_.parts.begin(), moments_.parts.end(),
                     [](const MomentPart& a, const MomentPart& b) { return a.sums < b.sums; });
    moments_.panels.push_back(panel);
    Reset();
    return std::exchange(moments_, {});
  }

 private:
  static constexpr std::int32_t kNone = -1;

  double ContextFactor(double log_prompt) const { return ctxfit::ContextFactor(centre_, log_prompt); }

  // Adds a cell to its part. `pairs` holds every polynomial twice, for the weight and for the residual.
  void AddCell(const MomentPanel& panel, std::int32_t i, double context_factor, const double* pairs) {
    const double penalty = cells_.penalty[i];
    const double residual = cells_.score[i] - factors_[cells_.compute[i]] * context_factor * penalty;
    const double weight = cells_.weight[i] * penalty;
    const std::int32_t part = PartOf(panel, i);
    kernels_.add_to_moments(weight * penalty, weight * residual, pairs, 2 * panel.node_count,
                            moments_.moments.data() + moments_.parts[part].moments);
  }

  // Returns the part of a cell, which is created for the first of its cells.
  std::int32_t PartOf(const MomentPanel& panel, std::int32_t i) {
    const std::int32_t unit_2 = cells_.unit_2.empty() ? 0 : cells_.unit_2[i];
    const std::size_t units = static_cast<std::size_t>(cells_.unit[i]) * unit_2_count_ + unit_2;
    const std::size_t key = units * factors_.size() + cells_.compute[i];
    std::int32_t& part = part_of_key_[key];
    if (part != kNone) return part;
    part = static_cast<std::int32_t>(moments_.parts.size());
    keys_.push_back(key);
    const std::int32_t level = LevelOf(panel, cells_.compute[i]) - panel.level_begin;
    moments_.parts.push_back({cells_.unit[i], unit_2,
                              static_cast<std::int32_t>(panel.sum_begin) + 2 * panel.node_count * level,
                              moments_.moments.size()});
    moments_.moments.resize(moments_.moments.size() + 2 * panel.node_count);
    return part;
  }

  std::int32_t LevelOf(const MomentPanel& panel, std::int32_t compute) {
    std::int32_t& level = level_of_compute_[compute];
    if (level != kNone) return level;
    level = static_cast<std::int32_t>(moments_.level_compute.size());
    moments_.level_compute.push_back(compute);
    moments_.sum_count += 2 * panel.node_count;
    return level;
  }

  void AddCentre(const MomentPanel& panel) {
    for (std::int32_t level = panel.level_begin; level < panel.level_end; ++level) {
      for (int j = 0; j < panel.node_count; ++j) {
        moments_.centre.push_back(factors_[moments_.level_compute[level]] * ContextFactor(panel.log_prompt[j]));
      }
    }
  }

  // Clears the indices of the panel.
  void Reset() {
    for (const std::size_t key : keys_) part_of_key_[key] = kNone;
    for (const std::int32_t compute : moments_.level_compute) level_of_compute_[compute] = kNone;
    keys_.clear();
  }

  const VectorKernels& kernels_;
  const Cells& cells_;
  const Point centre_;
  const std::int32_t unit_2_count_;
  std::vector<double> factors_;                 // f at the centre, by compute
  std::vector<std::int32_t> level_of_compute_;  // in the current panel
  std::vector<std::int32_t> part_of_key_;       // in the current panel
  std::vector<std::size_t> keys_;               // keys of the current panel's parts
  Moments moments_;
};

template <class T>
void AppendColumn(const std::vector<T>& more, std::vector<T>& column) {
  column.insert(column.end(), more.begin(), more.end());
}

// Appends the moments of one panel to those of others.
void Append(const Moments& more, Moments& moments) {
  const auto levels = static_cast<std::int32_t>(moments.level_compute.size());
  const auto part_count = static_cast<std::int32_t>(moments.parts.size());
  MomentPanel panel = more.panels.front();
  panel.level_begin += levels;
  panel.level_end += levels;
  panel.part_begin += part_count;
  panel.part_end += part_count;
  panel.sum_begin = moments.sum_count;
  for (MomentPart part : more.parts) {
    part.sums += static_cast<std::int32_t>(moments.sum_count);
    part.moments += moments.moments.size();
    moments.parts.push_back(part);
  }
  moments.panels.push_back(panel);
  AppendColumn(more.moments, moments.moments);
  AppendColumn(more.level_compute, moments.level_compute);
  AppendColumn(more.centre, moments.centre);
  moments.sum_count += more.sum_count;
  moments.highest_exponent = std::min(moments.highest_exponent, more.highest_exponent);
}

}  // namespace

absl::StatusOr<std::optional<Moments>> GatherMoments(const Cells& cells, const Point& centre, const HostCompute& host,
                                                     const StopSignal& stop) {
  const std::size_t limit = kMomentsPerCell * cells.size();
  if (cells.full() || cells.unit.empty() || Gatherer::KeyCount(cells) > limit) return std::nullopt;
  const double highest_exponent = HighestExponent(centre.at[kContextExponent]);
  const std::vector<PromptRange> ranges = CutIntoPanels(cells.log_prompt, kPanelWidth / highest_exponent);
  std::vector<Gatherer> gatherers(host.pool.size(), Gatherer(host.kernels, cells, centre));
  std::vector<Moments> panels(ranges.size());
  std::atomic<std::size_t> count{0};
  const auto gather = [&](std::size_t i, int thread) {
    if (count > limit) return;
    panels[i] = gatherers[thread].Gather(ranges[i], highest_exponent);
    count += panels[i].moments.size();
  };
  CTXFIT_RETURN_IF_ERROR(host.pool.ParallelFor(ranges.size(), stop, gather));
  if (count > limit) return std::nullopt;
  Moments moments;
  moments.log_compute = cells.log_compute;
  for (const Moments& panel : panels) Append(panel, moments);
  return moments;
}

}  // namespace ctxfit
