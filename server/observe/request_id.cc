#include "server/observe/request_id.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace ctxfit {
namespace {

constexpr std::size_t kLongestId = 128;

absl::string_view Find(const ClientMetadata& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) return "";
  return {found->second.data(), found->second.size()};
}

bool IsIdCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == ':' || c == '-';
}

std::string NewId() {
  thread_local std::mt19937_64 generator(std::random_device{}());
  const std::uint64_t high = generator();
  return absl::StrFormat("%016x%016x", high, generator());
}

}  // namespace

std::string RequestIdOf(const ClientMetadata& metadata) {
  const absl::string_view id = Find(metadata, kRequestIdKey);
  const bool usable = !id.empty() && id.size() <= kLongestId && std::all_of(id.begin(), id.end(), IsIdCharacter);
  return usable ? std::string(id) : NewId();
}

std::string TraceParentOf(const ClientMetadata& metadata) {
  constexpr absl::string_view kForm = "00-00000000000000000000000000000000-0000000000000000-00";
  const absl::string_view parent = Find(metadata, "traceparent");
  if (parent.size() != kForm.size()) return "";
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool fits = kForm[i] == '-' ? parent[i] == '-' : absl::ascii_isxdigit(static_cast<unsigned char>(parent[i]));
    if (!fits) return "";
  }
  return std::string(parent);
}

std::string_view ShortMethod(std::string_view method) { return method.substr(method.rfind('/') + 1); }

std::string_view CodeName(grpc::StatusCode code) {
  static const auto* const names = [] {
    auto* const made = new std::map<int, std::string>;
    for (int i = 0; i <= static_cast<int>(grpc::StatusCode::UNAUTHENTICATED); ++i) {
      (*made)[i] = absl::StatusCodeToString(static_cast<absl::StatusCode>(i));
    }
    return made;
  }();
  const auto found = names->find(static_cast<int>(code));
  return found == names->end() ? "UNKNOWN" : std::string_view(found->second);
}

}  // namespace ctxfit
