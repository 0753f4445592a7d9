#ifndef CTXFIT_SERVER_WIRE_BACKTEST_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_BACKTEST_CONVERSION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ctxfit/v1/backtest.pb.h"
#include "kernels/fit/backtest.h"
#include "kernels/fit/options.h"

namespace ctxfit {

// The labels of a request's groups, ascending, and the index of each row's label.
struct GroupLabels {
  std::vector<std::string> labels;
  std::vector<std::int32_t> group;
};

// Reads what a request asks for besides its observations, of which there are `rows`, and `fit`, the options of its
// fits. INVALID_ARGUMENT names field, value and rule, as `cuts[1] = 0: must be finite and > 0`.
absl::StatusOr<BacktestOptions> OptionsOf(const v1::BacktestRequest& request, const FitOptions& fit, std::size_t rows);

// Reads the groups of a request; none if it names none.
GroupLabels GroupsOf(const v1::BacktestRequest& request);

// Converts the backtest of one task.
v1::Backtest ToProto(const TaskBacktest& backtest, const BacktestOptions& options,
                     const std::vector<std::string>& labels);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_BACKTEST_CONVERSION_H_
