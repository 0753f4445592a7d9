#ifndef CTXFIT_CLIENT_TEXT_PREDICTION_TABLE_H_
#define CTXFIT_CLIENT_TEXT_PREDICTION_TABLE_H_

#include <string>

#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {

// Formats the predictions for `task`: one line per point, with its bands and notes.
std::string PredictionTable(const std::string& task, const v1::PredictResponse& response);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_PREDICTION_TABLE_H_
