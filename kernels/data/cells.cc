#include "kernels/data/cells.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "kernels/data/cell_frame.h"
#include "kernels/data/cell_sums.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law_options.h"
#include "kernels/law/loss.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"

namespace ctxfit {
namespace {

// Total weight of the rows of each combination of covariates.
std::vector<double> TotalWeights(const Observations& observations) {
  std::vector<double> weights(observations.covariates.size());
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const std::size_t begin = observations.row_begin[k];
    const std::size_t end = observations.row_begin[k + 1];
    for (std::size_t row = begin; row < end; ++row) weights[k] += observations.WeightOf(row);
  }
  return weights;
}

double GeometricMeanCompute(const Observations& observations, const std::vector<double>& weights) {
  const ComputeLevels& levels = observations.levels;
  std::vector<double> weight(levels.compute.size());
  for (std::size_t k = 0; k < weights.size(); ++k) weight[levels.level_of[k]] += weights[k];
  double sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) sum += weight[i] * std::log(levels.compute[i]);
  return std::exp(sum / std::accumulate(weight.begin(), weight.end(), 0.0));
}

double GeometricMeanPrompt(const Observations& observations, const std::vector<double>& weights) {
  double sum = 0;
  double total = 0;
  for (std::size_t k = 0; k < weights.size();) {
    const double prompt = observations.covariates[k].prompt;
    double weight = 0;
    for (; k < weights.size() && observations.covariates[k].prompt == prompt; ++k) weight += weights[k];
    sum += weight * std::log(prompt);
    total += weight;
  }
  return std::exp(sum / total);
}

// The settings that decide which rows of equal covariates share a cell.
struct CellRule {
  Units units;
  Loss loss;
};

// True if two rows of equal covariates share a cell.
bool ShareCell(const Observations& observations, const CellRule& rule, std::size_t a, std::size_t b) {
  if (!TraitsOf(rule.loss).collapses_means && observations.score[a] != observations.score[b]) return false;
  if (rule.units == Units::kMerge) return true;
  return observations.unit[a] == observations.unit[b] &&
         (observations.unit_2.empty() || observations.unit_2[a] == observations.unit_2[b]);
}

// Sorts the rows [begin, end), which share their covariates, so that those of one cell under Huber's loss are adjacent.
std::vector<std::size_t> OrderByScore(const Observations& observations, Units units, std::size_t begin,
                                      std::size_t end) {
  std::vector<std::size_t> rows(end - begin);
  std::iota(rows.begin(), rows.end(), begin);
  const bool keep = units == Units::kKeep;
  const auto key = [&](std::size_t row) {
    return std::make_tuple(keep ? observations.unit[row] : 0,
                           keep && !observations.unit_2.empty() ? observations.unit_2[row] : 0,
                           observations.score[row]);
  };
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  return rows;
}

// The cost of a row within a cell of mean score `mean` under the Bernoulli loss. It is exact if the evaluations are 0
// or 1, or if their variance is 0; in between it is interpolated linearly in the variance. One above its maximum by
// rounding, which may be 0, counts as that.
struct WithinDeviance {
  double operator()(const ScoreColumns& rows, std::size_t row, double mean) const {
    const double score = rows.score[row];
    const double variance = rows.VarianceOf(row);
    const double largest = score * (1 - score);
    const double share = variance < largest ? variance / largest : 1;
    const double of_evaluations = variance > 0 ? -share * SaturatedCost(score) : 0;
    if (score == mean) return rows.WeightOf(row) * of_evaluations;
    return rows.WeightOf(row) * (Deviance(score, mean) + of_evaluations);
  }
};

ScoreColumns ScoresOf(const Observations& observations) {
  const auto data = [](const std::vector<double>& column) { return column.empty() ? nullptr : column.data(); };
  return {observations.score.data(), data(observations.weight), data(observations.score_variance)};
}

// Reserves memory for `count` cells, an upper bound except under Huber's loss. Pages that are never touched cost
// nothing.
void Reserve(std::size_t count, bool full, Cells& cells) {
  cells.compute.reserve(count);
  cells.unit.reserve(count);
  cells.weight.reserve(count);
  cells.score.reserve(count);
  if (full) {
    cells.excess.reserve(count);
  } else {
    cells.penalty.reserve(count);
  }
}

// Appends the cells of one combination of covariates after another.
class Collapser {
 public:
  // Cells are in the full form if `full`.
  Collapser(const Observations& observations, const CellRule& rule, const Penalty& penalty, bool full, Cells& cells)
      : observations_(observations),
        scores_(ScoresOf(observations)),
        rule_(rule),
        full_(full),
        excesses_(ExcessesOf(observations, penalty)),
        penalties_(full ? std::vector<double>() : PenaltiesAt(excesses_)),
        cells_(cells) {}

  // Appends the cells of the k-th combination.
  void Add(std::size_t k) {
    combination_ = k;
    const std::size_t begin = observations_.row_begin[k];
    const std::size_t end = observations_.row_begin[k + 1];
    // Rows of one cell keep the canonical order, which is by unit and fixes the order of every sum.
    if (TraitsOf(rule_.loss).collapses_means) return AddRows([begin](std::size_t i) { return begin + i; }, end - begin);
    const std::vector<std::size_t> rows = OrderByScore(observations_, rule_.units, begin, end);
    AddRows([&rows](std::size_t i) { return rows[i]; }, rows.size());
  }

 private:
  template <class RowAt>
  void AddRows(const RowAt& row_at, std::size_t count) {
    for (std::size_t begin = 0; begin < count;) {
      std::size_t end = begin + 1;
      while (end < count && ShareCell(observations_, rule_, row_at(begin), row_at(end))) ++end;
      AddCell([&](std::size_t i) { return row_at(begin + i); }, end - begin);
      begin = end;
    }
  }

  template <class RowAt>
  void AddCell(const RowAt& row_at, std::size_t count) {
    const LossTraits loss = TraitsOf(rule_.loss);
    const CellSums sums = loss.is_deviance ? SumCell(scores_, row_at, count, loss, WithinDeviance())
                                           : SumCell(scores_, row_at, count, loss, WithinSquares());
    cells_.compute.push_back(observations_.levels.level_of[combination_]);
    if (rule_.units == Units::kKeep) cells_.unit.push_back(observations_.unit[row_at(0)]);
    if (rule_.units == Units::kKeep && !observations_.unit_2.empty()) {
      cells_.unit_2.push_back(observations_.unit_2[row_at(0)]);
    }
    cells_.weight.push_back(sums.weight);
    cells_.score.push_back(sums.mean);
    cells_.within_cost += sums.within_cost;
    if (full_) {
      cells_.excess.push_back(excesses_[combination_]);
    } else {
      cells_.penalty.push_back(penalties_[combination_]);
    }
  }

  const Observations& observations_;
  const ScoreColumns scores_;
  const CellRule rule_;
  const bool full_;
  const std::vector<Excess> excesses_;   // by combination
  const std::vector<double> penalties_;  // by combination; empty in the full form
  Cells& cells_;
  std::size_t combination_ = 0;  // the one under way
};

}  // namespace

References ChooseReferences(const Observations& observations, const LawOptions& options) {
  const std::vector<double> weights = TotalWeights(observations);
  return {
      options.compute_reference_flops ? *options.compute_reference_flops : GeometricMeanCompute(observations, weights),
      options.prompt_reference_tokens ? *options.prompt_reference_tokens : GeometricMeanPrompt(observations, weights),
  };
}

LawForm LawFormFor(const Domain& domain, const LossRule& loss) {
  return {!domain.factors_only() || !TraitsOf(loss.loss).is_sum_of_squares, domain.lower.at[kFloor],
          1 - domain.lower.at[kHeadroom], loss};
}

double ConstantCost(const Cells& cells) {
  double sum = 0;
  if (!TraitsOf(cells.loss.loss).is_deviance) return sum;
  for (std::size_t i = 0; i < cells.size(); ++i) sum += cells.weight[i] * SaturatedCost(cells.score[i]);
  return sum;
}

Cells Collapse(const Observations& observations, const References& references, const Penalty& penalty, Units units,
               const LawForm& form) {
  Cells cells = MakeFrame(observations, references, form);
  Reserve(units == Units::kMerge ? observations.covariates.size() : observations.size(), form.full, cells);
  Collapser collapser(observations, {units, form.loss.loss}, penalty, form.full, cells);
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    if (StartsPrompt(observations, k)) cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
    collapser.Add(k);
  }
  cells.prompt_begin.push_back(static_cast<std::int32_t>(cells.size()));
  Rescale(form, cells);
  return cells;
}

FitCells CollapseBoth(const Observations& observations, const References& references, const Penalty& penalty,
                      const LawForm& form, ThreadPool& pool) {
  FitCells cells;
  const auto collapse = [&](Units units) { return Collapse(observations, references, penalty, units, form); };
  pool.RunAll({[&] { cells.merged = collapse(Units::kMerge); }, [&] { cells.kept = collapse(Units::kKeep); }});
  return cells;
}

}  // namespace ctxfit
