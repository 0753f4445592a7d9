#ifndef CTXFIT_CLIENT_TEXT_NUMBER_TEXT_H_
#define CTXFIT_CLIENT_TEXT_NUMBER_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ctxfit {

// A number for people, to `digits` significant digits: "0.1520", "12.3", "7.772e22", "-".
std::string NumberText(double value, int digits = 4);

// The same, with powers of ten as a superscript: "7.772×10²²".
std::string TypesetNumber(double value, int digits = 4);

// The same two for a number that was chosen: without zeros at its end, "1" for 1.
std::string ChosenNumberText(double value);
std::string TypesetChosenNumber(double value);

// Tokens in the manner of context limits: "850", "4k" for 4,096, "1.5k", "128k", "1M".
std::string TokenText(double tokens);

// A count with its thousands apart: "65,500".
std::string CountText(std::int64_t count);

// A count with what is counted: "1 record", "65,500 records".
std::string Plural(std::int64_t count, absl::string_view noun);

// A wall time to three digits: "12.3 ms", "1.24 s".
std::string DurationText(absl::Duration duration);

// A share in percent, without digits that say nothing: "95 %", "99.5 %".
std::string PercentText(double share);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_NUMBER_TEXT_H_
