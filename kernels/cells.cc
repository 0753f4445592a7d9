#include "kernels/cells.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace ctxfit {
namespace {

double WeightedGeometricMean(const std::vector<double>& values, const std::vector<double>& weights) {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += weights[i] * std::log(values[i]);
    total += weights[i];
  }
  return std::exp(sum / total);
}

std::vector<double> SortedDistinct(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::vector<double> LogRatios(const std::vector<double>& values, double reference) {
  std::vector<double> logs(values.size());
  std::transform(values.begin(), values.end(), logs.begin(), [&](double value) { return std::log(value / reference); });
  return logs;
}

// What rows of one cell share.
auto CellKey(const Observations& observations, Units units, std::size_t row) {
  const bool keep = units == Units::kKeep;
  return std::make_tuple(observations.prompt[row], keep ? observations.unit[row] : 0,
                         keep && !observations.unit_2.empty() ? observations.unit_2[row] : 0, observations.compute[row],
                         observations.limit[row]);
}

// The rows in the order of cells. Rows of one cell keep the canonical order, which fixes the order of every sum.
std::vector<std::size_t> OrderByCell(const Observations& observations, Units units) {
  std::vector<std::size_t> order(observations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    return CellKey(observations, units, a) < CellKey(observations, units, b);
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) std::stable_sort(order.begin(), order.end(), before);
  return order;
}

struct CellSums {
  double weight = 0;
  double mean = 0;
  double within_sse = 0;
};

// Weight, mean and spread of the rows order[begin, end), in two passes so that nothing cancels.
CellSums SumCell(const Observations& observations, const std::vector<std::size_t>& order, std::size_t begin,
                 std::size_t end) {
  CellSums sums;
  double score_sum = 0;
  for (std::size_t i = begin; i < end; ++i) {
    sums.weight += observations.weight[order[i]];
    score_sum += observations.weight[order[i]] * observations.score[order[i]];
  }
  sums.mean = end - begin == 1 ? observations.score[order[begin]] : score_sum / sums.weight;
  for (std::size_t i = begin; i < end; ++i) {
    const double deviation = observations.score[order[i]] - sums.mean;
    sums.within_sse += observations.weight[order[i]] * deviation * deviation;
    if (!observations.score_variance.empty()) {
      sums.within_sse += observations.weight[order[i]] * observations.score_variance[order[i]];
    }
  }
  return sums;
}

// Tells scores as shares of the way from floor to ceiling, with weights that leave every square as it was.
void Rescale(const LawForm& form, Cells& cells) {
  if (form.floor == 0 && form.ceiling == 1) return;
  const double span = form.ceiling - form.floor;
  for (double& score : cells.score) score = (score - form.floor) / span;
  for (double& weight : cells.weight) weight *= span * span;
}

}  // namespace

References ChooseReferences(const Observations& observations, const FitOptions& options) {
  return {
      options.compute_reference_flops ? *options.compute_reference_flops
                                      : WeightedGeometricMean(observations.compute, observations.weight),
      options.prompt_reference_tokens ? *options.prompt_reference_tokens
                                      : WeightedGeometricMean(observations.prompt, observations.weight),
  };
}

LawForm FormOf(const Domain& domain) {
  return {!domain.factors_only(), domain.lower.at[kFloor], 1 - domain.lower.at[kHeadroom]};
}

Cells Collapse(const Observations& observations, const References& references, const Penalty& penalty, Units units,
               const LawForm& form) {
  Cells cells;
  cells.references = references;
  cells.record_count = static_cast<std::size_t>(observations.record_count());
  cells.unit_count = observations.unit_count;
  cells.unit_2_count = observations.unit_2_count;
  const std::vector<double> computes = SortedDistinct(observations.compute);
  cells.log_compute = LogRatios(computes, references.compute_flops);

  const std::vector<std::size_t> order = OrderByCell(observations, units);
  std::vector<double> prompts;
  for (std::size_t begin = 0; begin < order.size();) {
    const std::size_t row = order[begin];
    std::size_t end = begin + 1;
    while (end < order.size() && CellKey(observations, units, order[end]) == CellKey(observations, units, row)) ++end;
    const CellSums sums = SumCell(observations, order, begin, end);
    if (prompts.empty() || observations.prompt[row] != prompts.back()) {
      prompts.push_back(observations.prompt[row]);
      cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
    }
    const auto compute = std::lower_bound(computes.begin(), computes.end(), observations.compute[row]);
    cells.compute.push_back(static_cast<std::int32_t>(compute - computes.begin()));
    if (units == Units::kKeep) cells.unit.push_back(observations.unit[row]);
    if (units == Units::kKeep && !observations.unit_2.empty()) cells.unit_2.push_back(observations.unit_2[row]);
    cells.weight.push_back(sums.weight);
    cells.score.push_back(sums.mean);
    const Excess excess = MakeExcess(penalty, observations.prompt[row], observations.limit[row]);
    if (form.full) {
      cells.excess.push_back(excess);
    } else {
      cells.penalty.push_back(PenaltyFactor(excess, Point{}));
    }
    cells.within_sse += sums.within_sse;
    begin = end;
  }
  cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
  cells.log_prompt = LogRatios(prompts, references.prompt_tokens);
  if (!form.full) Rescale(form, cells);
  return cells;
}

}  // namespace ctxfit
