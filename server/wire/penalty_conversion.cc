#include "server/wire/penalty_conversion.h"

#include "absl/status/status.h"

namespace ctxfit {

absl::StatusOr<Penalty> FromProto(const v1::Penalty& penalty) {
  Penalty converted;
  if (penalty.has_onset_ratio()) converted.onset_ratio = penalty.onset_ratio();
  switch (penalty.width_case()) {
    case v1::Penalty::kWidthTokens:
      converted.width = penalty.width_tokens();
      break;
    case v1::Penalty::kWidthRatio:
      converted.form = Penalty::Form::kRatio;
      converted.width = penalty.width_ratio();
      break;
    case v1::Penalty::kNone:
      if (!penalty.none()) return absl::InvalidArgumentError("options.penalty.none = false: must be true when set");
      converted.form = Penalty::Form::kNone;
      break;
    case v1::Penalty::WIDTH_NOT_SET:
      break;
  }
  return converted;
}

v1::Penalty ToProto(const Penalty& penalty) {
  v1::Penalty converted;
  switch (penalty.form) {
    case Penalty::Form::kNone:
      converted.set_none(true);
      return converted;
    case Penalty::Form::kTokens:
      converted.set_width_tokens(penalty.width);
      break;
    case Penalty::Form::kRatio:
      converted.set_width_ratio(penalty.width);
      break;
  }
  converted.set_onset_ratio(penalty.onset_ratio);
  return converted;
}

}  // namespace ctxfit
