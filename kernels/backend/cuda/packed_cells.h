#ifndef CTXFIT_KERNELS_BACKEND_CUDA_PACKED_CELLS_H_
#define CTXFIT_KERNELS_BACKEND_CUDA_PACKED_CELLS_H_

#include <cstdint>

#include "kernels/law/loss_rule.h"

namespace ctxfit {

struct Cells;

// A cell of the factors' form as the objective reads it, in one load. With the square root of its weight w, relative to
// the largest so that none overflows, in target and scale, its share of the cost is (target - f g scale)^2 times that
// largest weight.
struct alignas(16) PackedCell {
  float target;          // sqrt(w) times the mean score
  float scale;           // sqrt(w) times the penalty's factor
  float log_prompt;      // ln(n / n^c)
  std::int32_t compute;  // index of the distinct compute; see PackedForm::compute_index
};

// A cell of the full form as the objective reads it.
struct alignas(8) FullCell {
  float score;           // the mean score
  float weight;          // relative to the largest
  float log_prompt;      // ln(n / n^c)
  std::int32_t compute;  // as in PackedCell
  float prompt;          // Excess::prompt
  float onset;           // Excess::onset
};

// Plan for packing and evaluating cells. It follows from the problem alone.
struct PackedForm {
  // True if the factors of all distinct computes fit into a table. Otherwise `compute` holds the bits of ln(C / C^c).
  bool compute_index;
  // True if two or more cells share a prompt length on average, so that comparing with the last one pays.
  bool shared_prompts;
  double weight_scale;   // the largest weight, or 1
  bool full;             // true if cells are FullCells
  Loss loss;             // the squared one unless `full`
  float threshold;       // LossRule::threshold
  double constant_cost;  // ConstantCost()
};

PackedForm ChooseForm(const Cells& cells);

// Returns the number of cells, those that pad the last batch included.
std::int64_t PaddedCount(const Cells& cells);

// Writes the cells [first, first + count) in their order. Those behind the last have no weight.
void PackCells(const Cells& cells, const PackedForm& form, std::int64_t first, std::int64_t count, PackedCell* packed);
void PackCells(const Cells& cells, const PackedForm& form, std::int64_t first, std::int64_t count, FullCell* packed);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_BACKEND_CUDA_PACKED_CELLS_H_
