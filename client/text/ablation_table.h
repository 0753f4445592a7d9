#ifndef CTXFIT_CLIENT_TEXT_ABLATION_TABLE_H_
#define CTXFIT_CLIENT_TEXT_ABLATION_TABLE_H_

#include <string>

#include "ctxfit/v1/ablation.pb.h"

namespace ctxfit {

// Formats a table per task: one row per variant of the law, with its errors on the fitted rows, its criteria and its
// errors on held-out rows. Ends with a newline.
std::string AblationTables(const v1::AblateResponse& response);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_ABLATION_TABLE_H_
