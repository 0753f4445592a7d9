#ifndef CTXFIT_CLIENT_TEXT_COMPARISON_TABLE_H_
#define CTXFIT_CLIENT_TEXT_COMPARISON_TABLE_H_

#include <string>

#include "ctxfit/v1/comparison.pb.h"

namespace ctxfit {

// Descriptions of the two groups.
struct ComparedGroups {
  std::string first;
  std::string second;
};

// Formats tables per task: both groups, the differences of parameters and predictions, and the tests of one law for
// both. Ends with a newline.
std::string ComparisonTables(const v1::CompareResponse& response, const ComparedGroups& groups);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_COMPARISON_TABLE_H_
