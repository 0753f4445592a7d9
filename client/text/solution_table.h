#ifndef CTXFIT_CLIENT_TEXT_SOLUTION_TABLE_H_
#define CTXFIT_CLIENT_TEXT_SOLUTION_TABLE_H_

#include <string>

#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {

// Solutions for `task` as text for people: one line per question, with its interval and what to know about it.
std::string SolutionTable(const std::string& task, const v1::SolveResponse& response);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_SOLUTION_TABLE_H_
