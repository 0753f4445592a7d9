#ifndef CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_PENALTY_EVIDENCE_H_
#define CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_PENALTY_EVIDENCE_H_

#include "kernels/law/coordinate.h"

namespace ctxfit {

struct Cells;
struct Domain;

// Returns the rise of the cost, in deviance units of `variance`, were the penalty at `point`, a refined optimum in
// `domain`, left out and the other fitted coordinates adapted by one Gauss-Newton step. Where it is small the data fit
// as well without a penalty, whatever its width and onset. Infinite where the penalty takes more than half of some
// score: the data then show it. `cells` are in the full form.
double PenaltyDeviance(const Cells& cells, const Domain& domain, const Point& point, double variance);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_IDENTIFICATION_PENALTY_EVIDENCE_H_
