#ifndef CTXFIT_CLIENT_TEXT_FIT_TABLE_H_
#define CTXFIT_CLIENT_TEXT_FIT_TABLE_H_

#include <cstddef>
#include <string>

#include "ctxfit/v1/fit.pb.h"

namespace ctxfit {

// A fit as text for people: what it was fitted to, warnings, the parameters with their intervals, how well it fits and
// how it was found. `level_count` is the number of its model levels.
std::string FitTable(const v1::Fit& fit, std::size_t level_count);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_FIT_TABLE_H_
