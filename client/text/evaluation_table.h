#ifndef CTXFIT_CLIENT_TEXT_EVALUATION_TABLE_H_
#define CTXFIT_CLIENT_TEXT_EVALUATION_TABLE_H_

#include <string>

#include "ctxfit/v1/evaluation.pb.h"
#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {

// Formats the errors of a fit on records that it was not fitted to: in total, within and beyond the limit and by model,
// and how many group means lie inside their band.
std::string EvaluationTable(const v1::Evaluation& evaluation);

// Formats the evaluation of every task, and of all tasks together if there are several.
std::string EvaluationTables(const v1::EvaluateResponse& response);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_EVALUATION_TABLE_H_
