#ifndef CTXFIT_CLIENT_TEXT_ABLATION_TABLE_H_
#define CTXFIT_CLIENT_TEXT_ABLATION_TABLE_H_

#include <string>

#include "ctxfit/v1/ablation.pb.h"

namespace ctxfit {

// A table per task for people: a row per variant of the law, with its errors on the rows it was fitted to, its criteria
// and its errors on rows that were held out. Ends with a new line.
std::string AblationTables(const v1::AblateResponse& response);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_ABLATION_TABLE_H_
