#ifndef CTXFIT_CLIENT_INPUT_ROW_PHRASES_H_
#define CTXFIT_CLIENT_INPUT_ROW_PHRASES_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/text/number_text.h"

// Subjects of sentences about rows, which take a verb in the singular: "meets it".

namespace ctxfit {

// "none of the 393 rows"; "not even the only row" if there is one.
inline std::string NoneOfRows(std::int64_t count) {
  return count == 1 ? "not even the only row" : absl::StrCat("none of the ", Plural(count, "row"));
}

// "each of the 393 rows"; "the only row" if there is one.
inline std::string EachOfRows(std::int64_t count) {
  return count == 1 ? "the only row" : absl::StrCat("each of the ", Plural(count, "row"));
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_ROW_PHRASES_H_
