#include "server/observations_conversion.h"

#include <openssl/evp.h>

#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace ctxfit {
namespace {

template <class Repeated>
auto ToVector(const Repeated& column) {
  return std::vector<typename Repeated::value_type>(column.begin(), column.end());
}

Labels ToLabels(const google::protobuf::RepeatedPtrField<std::string>& column) {
  return Labels(column.begin(), column.end());
}

}  // namespace

ObservationTable FromProto(const v1::Observations& observations) {
  ObservationTable table;
  table.training_compute_flops = ToVector(observations.training_compute_flops());
  table.prompt_tokens = ToVector(observations.prompt_tokens());
  table.context_limit_tokens = ToVector(observations.context_limit_tokens());
  table.score = ToVector(observations.score());
  table.weight = ToVector(observations.weight());
  table.score_variance = ToVector(observations.score_variance());
  table.cluster = ToLabels(observations.cluster());
  table.cluster_2 = ToLabels(observations.cluster_2());
  table.task = ToLabels(observations.task());
  table.model = ToLabels(observations.model());
  table.held_out.assign(observations.held_out().begin(), observations.held_out().end());
  return table;
}

std::string Digest(const Observations& observations) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  const auto add = [&context](const auto& column) {
    EVP_DigestUpdate(context.get(), column.data(), column.size() * sizeof(column[0]));
  };
  add(observations.covariates);
  add(observations.row_begin);
  add(observations.score);
  add(observations.weight);
  add(observations.score_variance);
  add(observations.unit);
  add(observations.unit_2);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(context.get(), digest, &length);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), length));
}

}  // namespace ctxfit
