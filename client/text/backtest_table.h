#ifndef CTXFIT_CLIENT_TEXT_BACKTEST_TABLE_H_
#define CTXFIT_CLIENT_TEXT_BACKTEST_TABLE_H_

#include <string>

#include "ctxfit/v1/backtest.pb.h"
#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {

// The name of a fold in words: "C = 7.772e22 FLOP, limit 4k", "group x", "from 8192 tokens on".
std::string FoldName(const v1::Fold& fold, v1::FoldScheme scheme);

// Formats a backtest per task: the verdict, the errors of law and baselines, those by fold, and those by distance from
// the fitted range. Ends with a newline.
std::string BacktestTables(const v1::BacktestResponse& response);

// The first lines of a fit: how well law and lines predict held-out models. "" where levels were not held out.
std::string HeldOutLevelsText(const v1::Fit& fit);

// Formats the baselines of a fit as a table; "" if there are none.
std::string BaselineTable(const v1::Fit& fit);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_BACKTEST_TABLE_H_
