#ifndef CTXFIT_KERNELS_DATA_COARSEN_H_
#define CTXFIT_KERNELS_DATA_COARSEN_H_

#include "kernels/data/cells.h"

namespace ctxfit {

// Largest number of prompt lengths in the cells that a search runs over. It bounds the cost of a candidate, whatever
// the number of records.
inline constexpr int kCoarsePrompts = 256;

// Cells with at most `max_prompts` prompt lengths, for a first descent where exact sums would be waste: prompts are
// binned evenly in their logarithm, and cells of one bin and compute on the same side of the penalty's middle (and of
// about the same limit, where the penalty is fitted) are merged into one with their weighted means. Costs differ from
// the exact ones by the law's curvature within a bin. Units are merged. Returns a copy of the cells if they have no
// more than `max_prompts` prompt lengths.
Cells Coarsen(const Cells& cells, int max_prompts);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_COARSEN_H_
