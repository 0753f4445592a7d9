#ifndef CTXFIT_KERNELS_PREDICT_VISIT_SCORES_H_
#define CTXFIT_KERNELS_PREDICT_VISIT_SCORES_H_

#include <cstddef>
#include <functional>

#include "absl/status/status.h"
#include "kernels/base/stop_signal.h"
#include "kernels/base/thread_pool.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/penalty.h"
#include "kernels/predict/law_rows.h"
#include "kernels/predict/predictions.h"

namespace ctxfit {

// Calls visit(i, scores, thread) once for every point i, in an order of its own, with the row of all laws' scores
// there, which the call may overwrite. `references` and `penalty` are those of all laws. What a row holds does not
// depend on the number of threads nor on the other points; `thread` is that of ThreadPool::ParallelFor. Errors: those
// of `stop`, which is looked at before every point.
//
// The law is a product: where points share a compute or a prompt length, as on a grid, its factor is found once.
absl::Status VisitScores(const LawRows& laws, const References& references, const Penalty& penalty,
                         const PredictionPoints& points, ThreadPool& pool, const StopSignal& stop,
                         const std::function<void(std::size_t point, double* scores, int thread)>& visit);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_PREDICT_VISIT_SCORES_H_
