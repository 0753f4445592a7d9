#ifndef CTXFIT_CLIENT_TEXT_PREDICTION_TABLE_H_
#define CTXFIT_CLIENT_TEXT_PREDICTION_TABLE_H_

#include <string>

#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {

// Predictions of `task` as text for people: one line per point, with its band and what to know about it.
std::string PredictionTable(const std::string& task, const v1::PredictResponse& response);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_PREDICTION_TABLE_H_
