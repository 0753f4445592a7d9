#ifndef CTXFIT_KERNELS_DATA_CELLS_H_
#define CTXFIT_KERNELS_DATA_CELLS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/base/thread_pool.h"
#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"

namespace ctxfit {

struct LawOptions;

// The references set in `options`; the weighted geometric mean of the observations for one that is unset.
References ChooseReferences(const Observations& observations, const LawOptions& options);

// The form of the law in which cells are fitted, and the loss.
struct LawForm {
  // True (the full form) if the penalty, the floor or the ceiling is fitted, or if the loss is not the squared one.
  // Otherwise the penalty is computed once per cell and scores are expressed as (score - floor) / (ceiling - floor),
  // which leaves the product of the two factors to be fitted.
  bool full = false;
  double floor = 0;
  double ceiling = 1;
  LossRule loss = {};
};

// The form of the law in which points of `domain` are fitted under `loss`.
LawForm LawFormFor(const Domain& domain, const LossRule& loss = {});

// Observations collapsed to cells: rows that share their covariates (and, if units are kept, their resampling units)
// are one cell with their total weight and mean score. For any law, and the squared loss,
//
//   sum_rows w (y - P)^2 = within_cost + sum_cells w (mean y - P)^2,
//
// so costs are exact; a sum of the same form holds for the Bernoulli loss. Under Huber's loss rows of one cell must
// share their score, too. Cells are sorted by prompt length, compute, limit and unit; those of the k-th distinct prompt
// length are [prompt_begin[k], prompt_begin[k + 1]).
struct Cells {
  References references;
  std::vector<double> log_compute;         // ln(C / C^c) of each distinct compute, ascending
  std::vector<double> log_prompt;          // ln(n / n^c) of each distinct prompt length, ascending
  std::vector<std::int32_t> prompt_begin;  // log_prompt.size() + 1 elements
  std::vector<std::int32_t> compute;       // per cell: index into log_compute
  std::vector<std::int32_t> unit;          // per cell: resampling unit; empty unless units are kept
  std::vector<std::int32_t> unit_2;        // per cell: second unit; empty except for two-way resampling
  std::vector<double> weight;              // per cell: total weight, > 0
  std::vector<double> score;               // per cell: weighted mean score
  std::vector<double> penalty;             // per cell: s, the penalty's factor; empty in the full form
  std::vector<Excess> excess;              // per cell: prompt and onset, from which s follows; full form only
  LossRule loss = {};
  double within_cost = 0;                   // cost within cells, which no law can reduce
  std::size_t record_count = 0;             // Observations::record_count()
  std::int32_t unit_count = 0;              // resampling units, kept or not
  std::int32_t unit_2_count = 0;            // second units; 0 except for two-way resampling
  std::vector<std::int32_t> stratum_begin;  // Observations::stratum_begin

  std::size_t size() const { return score.size(); }
  bool full() const { return !excess.empty(); }

  // Number of coordinates on which predictions depend: all in the full form, otherwise those of the factors.
  int coordinate_count() const { return full() ? kCoordinateCount : kFactorCoordinateCount; }
};

// The part of a cost that does not depend on the law, which sums of MeasureLoss() over the cells leave out: the sum of
// SaturatedCost() under the Bernoulli loss, 0 under others.
double ConstantCost(const Cells& cells);

// Treatment of resampling units in a collapse: kKeep gives rows of different units different cells.
enum class Units { kMerge, kKeep };

// Collapses `observations` to cells.
Cells Collapse(const Observations& observations, const References& references, const Penalty& penalty, Units units,
               const LawForm& form = {});

// The cells that a fit takes: with units merged for what depends on the sums alone, and with units kept.
struct FitCells {
  Cells merged;
  Cells kept;
};

// Collapses `observations` both ways, concurrently.
FitCells CollapseBoth(const Observations& observations, const References& references, const Penalty& penalty,
                      const LawForm& form, ThreadPool& pool);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_CELLS_H_
