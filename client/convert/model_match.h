#ifndef CTXFIT_CLIENT_CONVERT_MODEL_MATCH_H_
#define CTXFIT_CLIENT_CONVERT_MODEL_MATCH_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/convert/models.h"

namespace ctxfit {

// The model that each spelling means: its name, the name with every "/" as "--", "__" or "_", or the part of the name
// behind its last "/". INVALID_ARGUMENT, with the spelling, where several models may be meant; or with all spellings
// that mean none, and the models that there are.
absl::StatusOr<std::map<std::string, Model>> MatchModels(const std::vector<Model>& models,
                                                         const std::set<std::string>& spellings);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_MODEL_MATCH_H_
