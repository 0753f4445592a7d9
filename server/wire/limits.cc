#include "server/wire/limits.h"

#include "absl/strings/str_cat.h"

namespace ctxfit {

absl::Status CheckCount(absl::string_view field, std::int64_t count, std::int64_t limit) {
  if (count <= limit) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(field, " has ", count, " values: must have at most ", limit));
}

}  // namespace ctxfit
