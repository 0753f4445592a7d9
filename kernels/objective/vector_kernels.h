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

// Candidates, and replicates, evaluated together. Tables "by lane" hold this many numbers per row.
inline constexpr int kObjectiveLanes = 32;
inline constexpr int kReplicateLanes = 8;

// Rows with one number per law are padded to a multiple of this length.
inline constexpr int kRowLanes = 32;

// Length of a row of `count` numbers with its padding.
CTXFIT_HD constexpr std::size_t RowSize(std::size_t count) { return (count + kRowLanes - 1) / kRowLanes * kRowLanes; }

// A cell in single precision.
struct ObjectiveCell {
  float score;
  float penalty;
  float weight;          // divided by the largest weight, so that none overflows
  std::int32_t compute;  // row of the table of compute factors
};

// The cells of one prompt length, which end at the next one's `cell_begin`.
struct PromptCells {
  double log_prompt;  // ln(n / n^c)
  std::int32_t cell_begin;
};

// Candidates and the cells of prompts [prompt_begin, prompt_end). `prompts` ends with a sentinel.
struct ObjectiveArgs {
  const PromptCells* prompts;
  const ObjectiveCell* cells;
  const Excess* excess;  // by cell in the full form; null in the factors' form
  std::size_t prompt_begin;
  std::size_t prompt_end;
  const float* coordinates;      // kCoordinateCount rows by lane
  const float* compute_factors;  // a row by lane per distinct compute
  LossRule loss;                 // the squared one but in the full form
};

// Replicates and the cells of prompts [prompt_begin, prompt_end): columns of a Cells that keeps its units. `prompts`
// ends with a sentinel.
struct EquationArgs {
  const PromptCells* prompts;
  const double* log_compute;
  const std::int32_t* compute;
  const std::int32_t* unit;    // null if every unit's weight is 1
  const std::int32_t* unit_2;  // null except in two-way resampling
  const double* weight;
  const double* score;
  const double* penalty;  // null in the full form
  const Excess* excess;   // null in the factors' form
  std::size_t prompt_begin;
  std::size_t prompt_end;
  const double* coordinates;      // kCoordinateCount rows by lane
  const double* compute_factors;  // two rows by lane per distinct compute: value and slope
  const double* unit_weights;     // a row by lane per unit
  const double* unit_2_weights;   // a row by lane per second unit
  LossRule loss;                  // the squared one but in the full form
};

// Many laws and one value of their variables. All pointers are rows of `size` numbers, padding included.
struct ScoreArgs {
  std::size_t size;
  const double* factors;  // values of one of the law's factors, f or g
  const double* other_factors;
  const double* floor;
  const double* span;           // ceiling - floor
  double penalty;               // s, if all laws share it; else ignored
  const double* onset_ratio;    // null if the laws share one penalty
  const double* inverse_width;  // null if the laws share one penalty
  Excess excess;                // ignored if the laws share one penalty
};

// The mean of values and the sum of squared deviations from it.
struct Spread {
  double mean;
  double squares;
};

// The values of a row below one threshold and above another, in the row's order. Both have room for the whole row.
struct Tails {
  double* below;
  double* above;
  std::size_t below_count;
  std::size_t above_count;
};

// Two consecutive order statistics; the same value twice at the largest rank.
struct Neighbours {
  double value;
  double next;
};

// The loops of one instruction set. Tables are aligned to 64 bytes.
struct VectorKernels {
  const char* name;

  // Writes the compute factors of `count` computes: a row of `factors` each.
  void (*compute_factors)(const float* coordinates, const float* log_compute, std::size_t count, float* factors);

  // Writes sum w MeasureLoss(y, P).cost of every lane to the row `sums`.
  void (*sum_costs)(const ObjectiveArgs& args, double* sums);

  // Writes compute factors and their slopes: two rows of `factors` per compute.
  void (*compute_factors_with_slopes)(const double* coordinates, const double* log_compute, std::size_t count,
                                      double* factors);

  // Adds the normal equations of every lane to `sums`: a row by lane per element, in the order of FactorEquations, or
  // in the full form of NormalEquations.
  void (*add_normal_equations)(const EquationArgs& args, double* sums);

  // Adds a cell to the moments of its part: `weight` times the polynomial to every moment of even index below `count`,
  // `residual` times the polynomial to every one of odd index.
  void (*add_to_moments)(double weight, double residual, const double* polynomials, int count, double* moments);

  // Adds the moments of a panel's parts, times their units' weights in every lane, to `sums`: a row by lane each.
  // `unit_2_weights` is null except in two-way resampling.
  void (*weigh_moments)(const MomentArgs& args, const double* unit_weights, const double* unit_2_weights, double* sums);

  // Adds the normal equations of every lane over a panel, in the order of FactorEquations. `moments` are the sums of
  // weigh_moments(). Costs are relative to the cost at the centre.
  void (*add_moment_equations)(const MomentArgs& args, const double* coordinates, const double* compute_factors,
                               const double* moments, double* sums);

  // Writes one of the law's factors, f or g, of `size` laws to the row `factors`.
  void (*saturate)(const double* log_coefficients, const double* exponents, double log_ratio, std::size_t size,
                   double* factors);

  // Writes the scores of every law to the row `scores`.
  void (*score_laws)(const ScoreArgs& args, double* scores);

  // Measures the first `count` >= 1 values of a row. Overwrites the padding.
  Spread (*measure_spread)(double* values, std::size_t count);

  // Gathers those of the first `count` values that are not >= `low` and those that are not <= `high`; NaN counts as
  // both.
  void (*gather_tails)(const double* values, std::size_t count, double low, double high, Tails& tails);

  // Finds the values of ranks `rank` and rank + 1, counted from 0, among the first `count` values of a row in ascending
  // order. Overwrites the padding. Takes time of order count^2, but less than a branching selection up to count = 100.
  Neighbours (*select_among_few)(double* values, std::size_t count, std::size_t rank);
};

// The kernels of this build that this machine's processor can run, the widest vectors first. Never empty.
std::vector<const VectorKernels*> SupportedVectorKernels();

// The kernels with the widest vectors that this processor can run.
const VectorKernels& BestVectorKernels();

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_VECTOR_KERNELS_H_
