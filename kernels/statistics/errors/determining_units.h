#ifndef CTXFIT_KERNELS_STATISTICS_ERRORS_DETERMINING_UNITS_H_
#define CTXFIT_KERNELS_STATISTICS_ERRORS_DETERMINING_UNITS_H_

#include <array>

#include "kernels/law/coordinate.h"
#include "kernels/objective/normal_equations.h"

namespace ctxfit {

struct Cells;

// Effective numbers of units by coordinate; 0 where the number is unknown.
using CoordinateUnits = std::array<double, kCoordinateCount>;

// Returns the effective number of units that determine each coordinate: KishNumber() of the parts k' H_u k of the
// variance k' H k that its estimate has under independent errors. H_u is the part of unit u in H = J' W J, and k the
// coordinate's column of H^-1. It is far below the number of units where few of them lie where a parameter shows, such
// as near the onset of the penalty.
//
// `cells` kept their units, `curvature` holds H, `free_set` are the fitted coordinates. All 0 where H is singular.
CoordinateUnits FindDeterminingUnits(const Cells& cells, const NormalEquations& curvature, const bool* free_set,
                                     const Point& point);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_ERRORS_DETERMINING_UNITS_H_
