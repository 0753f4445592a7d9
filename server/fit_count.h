#ifndef CTXFIT_SERVER_FIT_COUNT_H_
#define CTXFIT_SERVER_FIT_COUNT_H_

#include "ctxfit/v1/fitting_service.pb.h"
#include "kernels/data/observations.h"
#include "server/queue/fit_job.h"

namespace ctxfit {

// The number of fits that a request asks for, from its sizes: an invalid request has some number, too.
FitCount CountOf(const v1::FitRequest& request, const ObservationTable& observations);
FitCount CountOf(const v1::StreamFitRequest& request, const ObservationTable& observations);
FitCount CountOf(const v1::AblateRequest& request, const ObservationTable& observations);
FitCount CountOf(const v1::CompareRequest& request, const ObservationTable& observations);
FitCount CountOf(const v1::BacktestRequest& request, const ObservationTable& observations);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_FIT_COUNT_H_
