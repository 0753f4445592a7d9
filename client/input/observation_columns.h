#ifndef CTXFIT_CLIENT_INPUT_OBSERVATION_COLUMNS_H_
#define CTXFIT_CLIENT_INPUT_OBSERVATION_COLUMNS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "ctxfit/v1/observations.pb.h"
#include "google/protobuf/repeated_field.h"

namespace ctxfit {

// A numeric column of ctxfit.v1.Observations.
struct NumberColumn {
  absl::string_view name;
  google::protobuf::RepeatedField<double>* (v1::Observations::*values)();
  const char* rule;   // requirement on its fields, in words
  double absent = 0;  // default of an optional field
};

// A text column of ctxfit.v1.Observations.
struct TextColumn {
  absl::string_view name;
  google::protobuf::RepeatedPtrField<std::string>* (v1::Observations::*values)();
};

// Columns by type; the first kRequiredColumnCount numeric ones are required.
inline constexpr int kRequiredColumnCount = 4;
inline constexpr NumberColumn kNumberColumns[] = {
    {"training_compute_flops", &v1::Observations::mutable_training_compute_flops, "finite and > 0"},
    {"prompt_tokens", &v1::Observations::mutable_prompt_tokens, "finite and > 0"},
    {"context_limit_tokens", &v1::Observations::mutable_context_limit_tokens, "finite and > 0"},
    {"score", &v1::Observations::mutable_score, "in [0, 1]"},
    {"weight", &v1::Observations::mutable_weight, "finite and > 0", 1},
    {"score_variance", &v1::Observations::mutable_score_variance, "in [0, score * (1 - score)], or 0.1 % above"},
};
inline constexpr TextColumn kTextColumns[] = {
    {"cluster", &v1::Observations::mutable_cluster},
    {"cluster_2", &v1::Observations::mutable_cluster_2},
    {"task", &v1::Observations::mutable_task},
    {"model", &v1::Observations::mutable_model},
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_OBSERVATION_COLUMNS_H_
