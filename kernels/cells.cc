#include "kernels/cells.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "kernels/distinct_values.h"

namespace ctxfit {
namespace {

// Calls visit(first, end) for the rows of every distinct prompt length.
template <class Visit>
void VisitPrompts(const Observations& observations, const Visit& visit) {
  const std::vector<double>& prompt = observations.prompt;
  for (std::size_t begin = 0; begin < prompt.size();) {
    std::size_t end = begin + 1;
    while (end < prompt.size() && prompt[end] == prompt[begin]) ++end;
    visit(begin, end);
    begin = end;
  }
}

double TotalWeight(const Observations& observations, std::size_t begin, std::size_t end) {
  return std::accumulate(observations.weight.begin() + static_cast<std::ptrdiff_t>(begin),
                         observations.weight.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
}

double GeometricMeanCompute(const Observations& observations) {
  const DistinctValues computes(observations.compute);
  std::vector<double> weight(computes.values().size());
  std::size_t level = 0;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    level = computes.Find(observations.compute[row], level);
    weight[level] += observations.weight[row];
  }
  double sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) sum += weight[i] * std::log(computes.values()[i]);
  return std::exp(sum / std::accumulate(weight.begin(), weight.end(), 0.0));
}

double GeometricMeanPrompt(const Observations& observations) {
  double sum = 0;
  double total = 0;
  VisitPrompts(observations, [&](std::size_t begin, std::size_t end) {
    const double weight = TotalWeight(observations, begin, end);
    sum += weight * std::log(observations.prompt[begin]);
    total += weight;
  });
  return std::exp(sum / total);
}

std::vector<double> LogRatios(const std::vector<double>& values, double reference) {
  std::vector<double> logs(values.size());
  std::transform(values.begin(), values.end(), logs.begin(), [&](double value) { return std::log(value / reference); });
  return logs;
}

// What cells are kept apart by, beside their covariates.
struct CellRule {
  Units units;
  Loss loss;
};

// What rows of one cell share.
auto CellKey(const Observations& observations, const CellRule& rule, std::size_t row) {
  const bool keep = rule.units == Units::kKeep;
  return std::make_tuple(observations.prompt[row], observations.compute[row], observations.limit[row],
                         keep ? observations.unit[row] : 0,
                         keep && !observations.unit_2.empty() ? observations.unit_2[row] : 0,
                         rule.loss == Loss::kHuber ? observations.score[row] : 0);
}

// The rows in the order of cells. Rows of one cell keep the canonical order, which fixes the order of every sum.
std::vector<std::size_t> OrderByCell(const Observations& observations, const CellRule& rule) {
  std::vector<std::size_t> order(observations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    return CellKey(observations, rule, a) < CellKey(observations, rule, b);
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) std::stable_sort(order.begin(), order.end(), before);
  return order;
}

struct CellSums {
  double weight = 0;
  double mean = 0;
  double within_cost = 0;
};

// What no law can explain of a row in a cell with that mean: sum w (y - mean)^2 over its evaluations, or the deviance
// likewise. The latter is known where evaluations are 0 or 1, or their variance is 0, and interpolated between.
double WithinCost(const Observations& observations, std::size_t row, double mean, Loss loss) {
  const double score = observations.score[row];
  const double variance = observations.score_variance.empty() ? 0 : observations.score_variance[row];
  if (loss != Loss::kBernoulli) return observations.weight[row] * ((score - mean) * (score - mean) + variance);
  const double of_evaluations = variance > 0 ? -variance / (score * (1 - score)) * SaturatedCost(score) : 0;
  if (score == mean) return observations.weight[row] * of_evaluations;
  const double of_row = MeasureLoss<Loss::kBernoulli>(score, mean, 0.0).cost + SaturatedCost(score);
  return observations.weight[row] * (of_row + of_evaluations);
}

// Weight, mean and spread of the rows order[begin, end), in two passes so that nothing cancels.
CellSums SumCell(const Observations& observations, const std::vector<std::size_t>& order, std::size_t begin,
                 std::size_t end, Loss loss) {
  CellSums sums;
  double score_sum = 0;
  for (std::size_t i = begin; i < end; ++i) {
    sums.weight += observations.weight[order[i]];
    score_sum += observations.weight[order[i]] * observations.score[order[i]];
  }
  const bool equal = end - begin == 1 || loss == Loss::kHuber;
  sums.mean = equal ? observations.score[order[begin]] : score_sum / sums.weight;
  for (std::size_t i = begin; i < end; ++i) sums.within_cost += WithinCost(observations, order[i], sums.mean, loss);
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
      options.compute_reference_flops ? *options.compute_reference_flops : GeometricMeanCompute(observations),
      options.prompt_reference_tokens ? *options.prompt_reference_tokens : GeometricMeanPrompt(observations),
  };
}

LawForm FormOf(const Domain& domain, const LossRule& loss) {
  return {!domain.factors_only() || loss.loss != Loss::kSquared, domain.lower.at[kFloor],
          1 - domain.lower.at[kHeadroom], loss};
}

double ConstantCost(const Cells& cells) {
  double sum = 0;
  if (cells.loss.loss != Loss::kBernoulli) return sum;
  for (std::size_t i = 0; i < cells.size(); ++i) sum += cells.weight[i] * SaturatedCost(cells.score[i]);
  return sum;
}

Cells Collapse(const Observations& observations, const References& references, const Penalty& penalty, Units units,
               const LawForm& form) {
  Cells cells;
  cells.references = references;
  cells.loss = form.loss;
  cells.record_count = static_cast<std::size_t>(observations.record_count());
  cells.unit_count = observations.unit_count;
  cells.unit_2_count = observations.unit_2_count;
  cells.stratum_begin = observations.stratum_begin;
  const DistinctValues computes(observations.compute);
  cells.log_compute = LogRatios(computes.values(), references.compute_flops);

  const CellRule rule{units, form.loss.loss};
  const std::vector<std::size_t> order = OrderByCell(observations, rule);
  std::vector<double> prompts;
  std::size_t level = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    const std::size_t row = order[begin];
    std::size_t end = begin + 1;
    while (end < order.size() && CellKey(observations, rule, order[end]) == CellKey(observations, rule, row)) ++end;
    const CellSums sums = SumCell(observations, order, begin, end, form.loss.loss);
    if (prompts.empty() || observations.prompt[row] != prompts.back()) {
      prompts.push_back(observations.prompt[row]);
      cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
    }
    level = computes.Find(observations.compute[row], level);
    cells.compute.push_back(static_cast<std::int32_t>(level));
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
    cells.within_cost += sums.within_cost;
    begin = end;
  }
  cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
  cells.log_prompt = LogRatios(prompts, references.prompt_tokens);
  if (!form.full) Rescale(form, cells);
  return cells;
}

}  // namespace ctxfit
