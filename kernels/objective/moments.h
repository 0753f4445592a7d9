#ifndef CTXFIT_KERNELS_OBJECTIVE_MOMENTS_H_
#define CTXFIT_KERNELS_OBJECTIVE_MOMENTS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/coordinate.h"
#include "kernels/objective/host_compute.h"
#include "kernels/objective/moment_panel.h"

namespace ctxfit {

struct Cells;

// The squared loss of cells in the factors' form, summed in advance so that evaluations no longer run over cells. With
// P = f g s, and with P0 = f0 g0 s the prediction and r = y - P0 the residual at a centre,
//
//   sum w (y - P)^2 = sum w r^2 - 2 sum w s r (f g - f0 g0) + sum w s^2 (f g - f0 g0)^2.
//
// Cells of one compute share f, and the rest of a term is a function h of x = ln n. Within a panel of prompt lengths h
// is a polynomial to within kInterpolationError, so that
//
//   sum_i w_i s_i^2 h(x_i) = sum_j h(x_j) sum_i w_i s_i^2 L_j(x_i)
//
// over a few nodes x_j with their Lagrange polynomials L_j. The inner sums are the moments, which depend on no
// parameter. A panel of at most kPanelNodes distinct prompt lengths has these as its nodes and is exact.
struct Moments {
  std::vector<MomentPanel> panels;
  std::vector<MomentPart> parts;  // by panel, and level
  std::vector<double> moments;    // by part and node, the weight and the residual
  std::vector<std::int32_t> level_compute;
  std::vector<double> log_compute;
  std::vector<double> centre;
  std::size_t sum_count = 0;  // number of sums of a replicate

  // The highest context exponent at which all polynomials are within kInterpolationError of their functions, and costs
  // by moments so of costs over cells; infinity if every panel is exact.
  double highest_exponent = std::numeric_limits<double>::infinity();

  MomentArgs ArgsFor(std::size_t panel) const {
    return {&panels[panel], parts.data(), moments.data(), level_compute.data(), log_compute.data(), centre.data()};
  }
};

// Bound on |polynomial - function| within a panel for the products of context factor and slope in the normal equations,
// as a share of their bound in the complex strip where the law is analytic.
inline constexpr double kInterpolationError = 1e-8;

// The moments of cells that kept their units, about `centre`. Unset where gathering would not pay: where cells are of
// another form, or units have few cells in a panel. The threads of `host` share the panels, and do not show in the
// result. Errors: those of `stop`.
absl::StatusOr<std::optional<Moments>> GatherMoments(const Cells& cells, const Point& centre, const HostCompute& host,
                                                     const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_OBJECTIVE_MOMENTS_H_
