#ifndef CTXFIT_CLIENT_TEXT_NUMBER_TEXT_H_
#define CTXFIT_CLIENT_TEXT_NUMBER_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ctxfit {

// Formats a number with `digits` significant digits: "0.1520", "12.3", "7.772e22".
std::string NumberText(double value, int digits = 4);

// Formats a number with powers of ten as superscripts: "7.772×10²²".
std::string TypesetNumber(double value, int digits = 4);

// Format a number that was chosen, not estimated, without trailing zeros, "1" for 1; the second one with powers of ten
// as superscripts.
std::string ChosenNumberText(double value);
std::string TypesetChosenNumber(double value);

// Formats a number of tokens in the manner of context limits: "850", "4k" for 4,096, "1.5k", "128k", "1M".
std::string TokenText(double tokens);

// Formats a count with separated thousands: "65,500".
std::string CountText(std::int64_t count);

// Formats a count with its noun: "1 record", "65,500 records".
std::string Plural(std::int64_t count, absl::string_view noun);

// Formats a wall time with three digits: "12.3 ms", "1.24 s".
std::string DurationText(absl::Duration duration);

// Formats a share in percent, without trailing zeros: "95 %", "99.5 %".
std::string PercentText(double share);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_NUMBER_TEXT_H_
