#ifndef CTXFIT_CLIENT_CONVERT_MODEL_MATCH_H_
#define CTXFIT_CLIENT_CONVERT_MODEL_MATCH_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/convert/models.h"

namespace ctxfit {

// Finds the model of each spelling: its name, its name with every "/" written as "--", "__" or "_", or the part of its
// name after the last "/". INVALID_ARGUMENT, with the spelling, if several models match; or with all spellings that
// match none, and the known models.
absl::StatusOr<std::map<std::string, Model>> MatchModels(const std::vector<Model>& models,
                                                         const std::set<std::string>& spellings);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_MODEL_MATCH_H_
