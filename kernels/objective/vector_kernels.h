#ifndef CTXFIT_KERNELS_OBJECTIVE_VECTOR_KERNELS_H_
#define CTXFIT_KERNELS_OBJECTIVE_VECTOR_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/base/host_device.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/moment_panel.h"

// The innermost loops of the CPU backend, compiled once per instruction set. Lanes of a vector are candidates or
// replicates, never records: every lane reads the same cell, so ragged data need no gather and no padding, and what a
// lane computes does not depend on its neighbours.

namespace ctxfit {

// Candidates, and replicates, that are evaluated side by side. Tables "by lane" hold that many numbers per row.
inline constexpr int kObjectiveLanes = 32;
inline constexpr int kReplicateLanes = 8;

// Rows of a number per law, of as many laws as there are replicates, hold a multiple of this many numbers.
inline constexpr int kRowLanes = 32;

// The numbers of a row, padding included, that holds `count` of them.
CTXFIT_HD constexpr std::size_t RowSize(std::size_t count) { return (count + kRowLanes - 1) / kRowLanes * kRowLanes; }

// A cell in single precision.
struct ObjectiveCell {
  float score;
  float penalty;
  float weight;          // as a share of the largest weight, so that none overflows
  std::int32_t compute;  // row of the table of compute factors
};

// Cells of one prompt length; they end where those of the next begin.
struct PromptCells {
  double log_prompt;  // ln(n / n^c)
  std::int32_t cell_begin;
};

// Candidates over the prompts [prompt_begin, prompt_end). `prompts` has an element behind the last one.
struct ObjectiveArgs {
  const PromptCells* prompts;
  const ObjectiveCell* cells;
  const Excess* excess;  // by cell, in the full form; null otherwise
  std::size_t prompt_begin;
  std::size_t prompt_end;
  const float* coordinates;      // kCoordinateCount rows by lane
  const float* compute_factors;  // a row by lane per distinct compute
  LossRule loss;                 // the squared one but in the full form
};

// Replicates over the prompts [prompt_begin, prompt_end), with the columns of a Cells that kept its units. `prompts`
// has an element behind the last one.
struct EquationArgs {
  const PromptCells* prompts;
  const double* log_compute;
  const std::int32_t* compute;
  const std::int32_t* unit;    // null where every unit's weight is 1
  const std::int32_t* unit_2;  // null but in two-way resampling
  const double* weight;
  const double* score;
  const double* penalty;  // null in the full form
  const Excess* excess;   // null but in the full form
  std::size_t prompt_begin;
  std::size_t prompt_end;
  const double* coordinates;      // kCoordinateCount rows by lane
  const double* compute_factors;  // two rows by lane per distinct compute: value and slope
  const double* unit_weights;     // a row by lane per unit
  const double* unit_2_weights;   // a row by lane per second unit
  LossRule loss;                  // the squared one but in the full form
};

// The scores of many laws at one place of their variables. All pointers are rows of `size` numbers, the padding
// included.
struct ScoreArgs {
  std::size_t size;
  const double* factors;  // of one of the law's two factors
  const double* other_factors;
  const double* floor;
  const double* span;           // ceiling - floor
  double penalty;               // of all laws, where they share one; not looked at otherwise
  const double* onset_ratio;    // null where the laws share one penalty
  const double* inverse_width;  // null where the laws share one penalty
  Excess excess;                // not looked at where the laws share one penalty
};

// Of values: their mean, and the sum of the squares of their deviations from it.
struct Spread {
  double mean;
  double squares;
};

// The values of a row below one threshold and above another, each in their order. Both are rows with place for all.
struct Tails {
  double* below;
  double* above;
  std::size_t below_count;
  std::size_t above_count;
};

// Two values that follow one another in order; the same value twice at its end.
struct Neighbours {
  double value;
  double next;
};

// The loops of one instruction set. Tables start at a multiple of 64 bytes.
struct VectorKernels {
  const char* name;

  // Compute factors of `count` computes: a row of `factors` each.
  void (*compute_factors)(const float* coordinates, const float* log_compute, std::size_t count, float* factors);

  // Writes sum w MeasureLoss(y, P).cost of every lane to `sums`.
  void (*sum_costs)(const ObjectiveArgs& task, double* sums);

  // Compute factors with their slopes: two rows of `factors` per compute.
  void (*compute_factors_with_slopes)(const double* coordinates, const double* log_compute, std::size_t count,
                                      double* factors);

  // Adds the normal equations of every lane to `sums`: a row by lane per element, in the order of FactorEquations, or
  // of NormalEquations in the full form.
  void (*add_normal_equations)(const EquationArgs& task, double* sums);

  // Adds what a cell brings to the moments of its part: `weight` times every even one of `count` polynomials to the
  // moment there, `residual` times every odd one.
  void (*add_to_moments)(double weight, double residual, const double* polynomials, int count, double* moments);

  // Adds the moments of a panel's parts, weighted as their units are in every lane, to `sums`: a row by lane each.
  // `unit_2_weights` is null but in two-way resampling.
  void (*weigh_moments)(const MomentArgs& task, const double* unit_weights, const double* unit_2_weights, double* sums);

  // Adds the normal equations of every lane over a panel whose `moments` are such sums, in the order of
  // FactorEquations. Costs are told from that at the centre.
  void (*add_moment_equations)(const MomentArgs& task, const double* coordinates, const double* compute_factors,
                               const double* moments, double* sums);

  // One of the law's two factors for the laws of a row of `size` numbers.
  void (*saturate)(const double* log_coefficients, const double* exponents, double log_ratio, std::size_t size,
                   double* factors);

  // Writes the scores of every law to the row `scores`.
  void (*score_laws)(const ScoreArgs& task, double* scores);

  // Of the first `count` values of a row, at least one. Overwrites the padding behind them.
  Spread (*measure_spread)(double* values, std::size_t count);

  // Gathers those of the first `count` values that are not >= `low`, and those that are not <= `high`: NaN is in both.
  void (*gather_tails)(const double* values, std::size_t count, double low, double high, Tails& tails);

  // Of the first `count` values of a row, that of `rank` < count in ascending order, counted from 0, and the next.
  // Overwrites the padding. Takes a time of count^2, but for up to a hundred less than what decides by branches.
  Neighbours (*select_among_few)(double* values, std::size_t count, std::size_t rank);
};

// What this build has for this machine's processor, the widest vectors first. Never empty.
std::vector<const VectorKernels*> SupportedVectorKernels();

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_VECTOR_KERNELS_H_
