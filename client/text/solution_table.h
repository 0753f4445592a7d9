#ifndef CTXFIT_CLIENT_TEXT_SOLUTION_TABLE_H_
#define CTXFIT_CLIENT_TEXT_SOLUTION_TABLE_H_

#include <string>

#include "ctxfit/v1/planning_service.pb.h"

namespace ctxfit {

// Formats the solutions for `task`: one line per query, with its intervals and notes.
std::string SolutionTable(const std::string& task, const v1::SolveResponse& response);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_SOLUTION_TABLE_H_
