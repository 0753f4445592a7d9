#ifndef CTXFIT_CLIENT_PLOT_TASK_ROWS_H_
#define CTXFIT_CLIENT_PLOT_TASK_ROWS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "ctxfit/v1/observations.pb.h"

namespace ctxfit {

// Rows of one model level, which share training compute and context limit.
struct ModelLevel {
  double compute_flops;
  double limit_tokens;
  std::vector<std::string> models;  // distinct names, in the order of the rows; empty if there are none
  std::vector<int> rows;            // indices into the observations
};

// True if a row was held out of the fit.
bool IsHeldOut(const v1::Observations& observations, int row);

// Counts the levels that have fitted rows.
std::size_t CountFitted(const v1::Observations& observations, const std::vector<ModelLevel>& levels);

// Finds the levels in the rows of `task`, ordered by compute and then by limit, ascending.
std::vector<ModelLevel> FindLevels(const v1::Observations& observations, const std::string& task);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_TASK_ROWS_H_
