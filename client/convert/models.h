#ifndef CTXFIT_CLIENT_CONVERT_MODELS_H_
#define CTXFIT_CLIENT_CONVERT_MODELS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ctxfit {

// Facts about a model that the outputs of an evaluation do not state.
struct Model {
  std::string name;
  double training_compute_flops;
  double context_limit_tokens;
};

// Reads models from a CSV file with the columns model and context_limit_tokens, and training_compute_flops, or
// parameters (N, without embeddings) and training_tokens (D) for C = 6 N D; other columns are ignored.
// INVALID_ARGUMENT, with file, line, column, value and rule, for the errors of ReadCsv(), a missing column or field, a
// model that occurs twice, a number that is not finite and > 0, and a compute more than 1 % away from 6 N D.
absl::StatusOr<std::vector<Model>> ReadModels(const std::string& path);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_MODELS_H_
