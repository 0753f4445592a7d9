#ifndef CTXFIT_KERNELS_OBJECTIVE_MOMENT_PANEL_H_
#define CTXFIT_KERNELS_OBJECTIVE_MOMENT_PANEL_H_

#include <cstddef>
#include <cstdint>

// What Moments are made of, for the loops of both backends.

namespace ctxfit {

// Nodes of the polynomials by which the context factor is told within a panel of prompt lengths, at most.
inline constexpr int kPanelNodes = 12;

// A panel of Moments. By level (distinct compute) of a panel and by node, the sums of a replicate are two: weight, then
// residual.
struct MomentPanel {
  double log_prompt[kPanelNodes];  // ln(n / n^c) at each node
  int node_count;
  std::int32_t level_begin;
  std::int32_t level_end;
  std::int32_t part_begin;
  std::int32_t part_end;
  std::size_t sum_begin;  // of its first level, among the sums of all panels
};

// What one unit adds to the sums of one level of a panel.
struct MomentPart {
  std::int32_t unit;
  std::int32_t unit_2;
  std::int32_t sums;    // where its level's sums begin
  std::size_t moments;  // where its own begin
};

// One panel of Moments.
struct MomentArgs {
  const MomentPanel* panel;
  const MomentPart* parts;
  const double* moments;              // of all parts
  const std::int32_t* level_compute;  // by level: index into log_compute
  const double* log_compute;
  const double* centre;  // by level and node: the factors' product at the centre
};

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_MOMENT_PANEL_H_
