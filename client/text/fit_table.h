#ifndef CTXFIT_CLIENT_TEXT_FIT_TABLE_H_
#define CTXFIT_CLIENT_TEXT_FIT_TABLE_H_

#include <cstddef>
#include <optional>
#include <string>

#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {

// Formats a fit: the size of its data, warnings, the parameters with their intervals, goodness of fit and how it was
// found. `level_count` is the number of its model levels; without it the table does not tell of them.
std::string FitTable(const v1::Fit& fit, std::optional<std::size_t> level_count);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_FIT_TABLE_H_
