#ifndef CTXFIT_KERNELS_DATA_CELL_FRAME_H_
#define CTXFIT_KERNELS_DATA_CELL_FRAME_H_

#include <cstddef>
#include <vector>

#include "kernels/law/coordinate.h"
#include "kernels/law/penalty.h"

// The parts of a collapse that take no pass over the rows, for the host's collapse and for one on a device.

namespace ctxfit {

struct Cells;
struct LawForm;
struct Observations;
struct References;

// Cells with everything but prompt_begin, within_cost and the columns per cell.
Cells MakeFrame(const Observations& observations, const References& references, const LawForm& form);

// True if the k-th combination of covariates is the first of its prompt length.
bool StartsPrompt(const Observations& observations, std::size_t k);

// The penalty's variables in each combination of covariates, and the factors s that follow from them at the width and
// onset of a point, by default the penalty's scales.
std::vector<Excess> ExcessesOf(const Observations& observations, const Penalty& penalty);
std::vector<double> PenaltiesAt(const std::vector<Excess>& excesses, const Point& point = {});

// Expresses scores as (score - floor) / (ceiling - floor), with weights that leave every weighted square unchanged.
// Leaves cells in the full form as they are.
void Rescale(const LawForm& form, Cells& cells);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_DATA_CELL_FRAME_H_
