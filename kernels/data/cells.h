#ifndef CTXFIT_KERNELS_DATA_CELLS_H_
#define CTXFIT_KERNELS_DATA_CELLS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

struct FitOptions;

// The references that `options` choose, or the weighted geometric means of the observations.
References ChooseReferences(const Observations& observations, const FitOptions& options);

// What the cells' predictions are made of, and how they are held against the scores.
struct LawForm {
  // Whether the penalty, the floor or the ceiling is fitted, or the loss is not the squared one. If not, the first is
  // computed once for every cell, and scores are told as shares of the way from floor to ceiling: what remains is the
  // product of the factors.
  bool full = false;
  double floor = 0;
  double ceiling = 1;
  LossRule loss = {};
};

// The form of the law that a domain describes, under that loss.
LawForm LawFormFor(const Domain& domain, const LossRule& loss = {});

// Observations collapsed: rows that share their covariates (and their resampling unit, where units are kept) are one
// cell with their total weight and mean score. For any law, and the squared loss,
//
//   sum_rows w (y - P)^2 = within_cost + sum_cells w (mean y - P)^2,
//
// so nothing is lost; nor is it for the Bernoulli loss. Under Huber's, rows must share their score, too. Cells are
// sorted by prompt length, compute, limit and unit; those of the k-th distinct prompt length are [prompt_begin[k],
// prompt_begin[k + 1]).
struct Cells {
  References references;
  std::vector<double> log_compute;         // ln(C / C^c) of each distinct compute, ascending
  std::vector<double> log_prompt;          // ln(n / n^c) of each distinct prompt length, ascending
  std::vector<std::int32_t> prompt_begin;  // log_prompt.size() + 1 elements
  std::vector<std::int32_t> compute;       // per cell: index into log_compute
  std::vector<std::int32_t> unit;          // per cell: resampling unit; empty where units are not kept
  std::vector<std::int32_t> unit_2;        // per cell: second unit; empty but for two-way resampling
  std::vector<double> weight;              // per cell: total weight, > 0
  std::vector<double> score;               // per cell: weighted mean score
  std::vector<double> penalty;             // per cell: s, the penalty's factor; empty in the full form
  std::vector<Excess> excess;              // per cell: what s is computed from; empty but in the full form
  LossRule loss = {};
  double within_cost = 0;                   // what no law can explain
  std::size_t record_count = 0;             // Observations::record_count()
  std::int32_t unit_count = 0;              // resampling units, kept or not
  std::int32_t unit_2_count = 0;            // second units; 0 but for two-way resampling
  std::vector<std::int32_t> stratum_begin;  // Observations::stratum_begin

  std::size_t size() const { return score.size(); }
  bool full() const { return !excess.empty(); }

  // The coordinates that move predictions: all in the full form, the factors' otherwise.
  int coordinate_count() const { return full() ? kCoordinateCount : kFactorCoordinateCount; }
};

// What sums of MeasureLoss() over the cells leave out of a cost, whatever the law: SaturatedCost() under the Bernoulli
// loss, 0 under others.
double ConstantCost(const Cells& cells);

// Whether a collapse keeps resampling units apart.
enum class Units { kMerge, kKeep };

Cells Collapse(const Observations& observations, const References& references, const Penalty& penalty, Units units,
               const LawForm& form = {});

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_CELLS_H_
