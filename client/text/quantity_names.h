#ifndef CTXFIT_CLIENT_TEXT_QUANTITY_NAMES_H_
#define CTXFIT_CLIENT_TEXT_QUANTITY_NAMES_H_

#include "absl/strings/string_view.h"

namespace ctxfit {

// Names of a parameter, or of a characteristic scale, in tables and pictures.
struct QuantityName {
  absl::string_view name;    // name in ctxfit.v1.Estimate
  absl::string_view symbol;  // symbol in the formula of the law
  absl::string_view unit;    // "" for a pure number
};

inline constexpr QuantityName kQuantityNames[] = {
    {"compute_coefficient", "A", ""},
    {"compute_exponent", "α", ""},
    {"compute_reference_flops", "C^c", "FLOP"},
    {"context_coefficient", "B", ""},
    {"context_exponent", "β", ""},
    {"prompt_reference_tokens", "n^c", "tokens"},
    {"penalty_width_tokens", "w", "tokens"},
    {"penalty_width_ratio", "w", "n_ctx"},
    {"penalty_onset_ratio", "r", "n_ctx"},
    {"penalty_lag_tokens", "lag", "tokens"},
    {"floor", "", ""},
    {"ceiling", "", ""},
    {"characteristic_compute_flops", "C*", "FLOP"},
    {"characteristic_prompt_tokens", "n*", "tokens"},
};

// Finds the entry of that name; if there is none, returns one with the name as its symbol.
constexpr QuantityName FindQuantityName(absl::string_view name) {
  for (const QuantityName& known : kQuantityNames) {
    if (known.name == name) return known;
  }
  return {name, name, ""};
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_QUANTITY_NAMES_H_
