#ifndef CTXFIT_KERNELS_OBJECTIVE_MOMENT_PANEL_H_
#define CTXFIT_KERNELS_OBJECTIVE_MOMENT_PANEL_H_

#include <cstddef>
#include <cstdint>

// The parts of Moments, as plain structs for the loops of both backends.

namespace ctxfit {

// The largest number of nodes by which the context factor is interpolated within a panel of prompt lengths.
inline constexpr int kPanelNodes = 12;

// A panel of Moments. A replicate has two sums, weight and residual in this order, per level (distinct compute) of a
// panel and per node.
struct MomentPanel {
  double log_prompt[kPanelNodes];  // ln(n / n^c) at each node
  int node_count;
  std::int32_t level_begin;
  std::int32_t level_end;
  std::int32_t part_begin;
  std::int32_t part_end;
  std::size_t sum_begin;  // index of the first level's sums among those of all panels
};

// The contribution of one unit to the sums of one level of a panel.
struct MomentPart {
  std::int32_t unit;
  std::int32_t unit_2;
  std::int32_t sums;    // offset of the level's sums
  std::size_t moments;  // offset of the part's moments
};

// The arguments of the loops over one panel of Moments.
struct MomentArgs {
  const MomentPanel* panel;
  const MomentPart* parts;
  const double* moments;              // moments of all parts
  const std::int32_t* level_compute;  // by level: index into log_compute
  const double* log_compute;
  const double* centre;  // by level and node: the factors' product at the centre
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_MOMENT_PANEL_H_
