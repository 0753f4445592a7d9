#ifndef CTXFIT_KERNELS_PREDICT_VISIT_SCORES_H_
#define CTXFIT_KERNELS_PREDICT_VISIT_SCORES_H_

#include <cstddef>
#include <functional>

#include "absl/status/status.h"

namespace ctxfit {

class LawRows;
class StopSignal;
class ThreadPool;
struct Penalty;
struct PredictionPoints;
struct References;

// Calls visit(i, scores, thread) once for every point i, in any order, with the row of all laws' scores there, which
// the call may overwrite. `references` and `penalty` are those of all laws; `thread` is that of
// ThreadPool::ParallelFor. The row depends neither on the number of threads nor on the other points. Errors: those of
// `stop`, which is checked before every point.
//
// The law is a product: where points share a compute or a prompt length, as on a grid, its factor is computed once.
absl::Status VisitScores(const LawRows& laws, const References& references, const Penalty& penalty,
                         const PredictionPoints& points, ThreadPool& pool, const StopSignal& stop,
                         const std::function<void(std::size_t point, double* scores, int thread)>& visit);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_VISIT_SCORES_H_
