#ifndef CTXFIT_TESTS_SERVER_RANDOM_REQUESTS_H_
#define CTXFIT_TESTS_SERVER_RANDOM_REQUESTS_H_

#include <vector>

#include "ctxfit/v1/fitting_service.pb.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {

// A request of every rpc about one random table of 1 to 30 rows. Few of them are reasonable, some are invalid. The fits
// of planning requests are still to be added.
struct RandomRequests {
  v1::FitRequest fit;
  v1::StreamFitRequest stream_fit;
  v1::AblateRequest ablate;
  v1::CompareRequest compare;
  v1::PredictRequest predict;
  v1::SolveRequest solve_compute;
  v1::SolveRequest solve_prompt;
  v1::EvaluateRequest evaluate;
};

// The requests with that number: the same ones in every run.
RandomRequests MakeRandomRequests(int number);

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_RANDOM_REQUESTS_H_
