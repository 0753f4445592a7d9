#include "client/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ctxfit {
namespace {

// A decimal number as mantissa * 10^exponent, the mantissa in text.
struct Decimal {
  std::string mantissa;
  int exponent;
};

Decimal ToDecimal(double value, int digits) {
  const std::string text = absl::StrFormat("%.*e", digits - 1, value);
  const std::size_t mark = text.find('e');
  return {text.substr(0, mark), std::atoi(text.c_str() + mark + 1)};
}

// True if a number is easier to read with all its digits than with a power of ten.
bool ReadsPlainly(int exponent) { return exponent >= -4 && exponent <= 6; }

// Formats a number with `digits` significant digits and no exponent, but with all digits before the decimal point.
std::string PlainText(double value, int digits, int exponent) {
  return absl::StrFormat("%.*f", std::max(0, digits - 1 - exponent), value);
}

std::string Superscript(int number) {
  constexpr absl::string_view kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = number < 0 ? "⁻" : "";
  for (const char digit : absl::StrCat(std::abs(number))) absl::StrAppend(&text, kDigits[digit - '0']);
  return text;
}

// Removes trailing zeros after a decimal point, and the point if no digit follows it.
std::string WithoutTrailingZeros(std::string text) {
  if (!absl::StrContains(text, '.')) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

enum class Superscripts { kNo, kYes };

// Significant digits of a chosen number, enough to recognise it.
constexpr int kChosenDigits = 5;

std::string Text(double value, int digits, bool trimmed, Superscripts superscripts) {
  if (value == 0 || !std::isfinite(value)) return absl::StrCat(value);
  const Decimal decimal = ToDecimal(value, digits);
  const auto trim = [trimmed](std::string text) { return trimmed ? WithoutTrailingZeros(std::move(text)) : text; };
  if (ReadsPlainly(decimal.exponent)) return trim(PlainText(value, digits, decimal.exponent));
  const std::string mantissa = trim(decimal.mantissa);
  if (superscripts == Superscripts::kNo) return absl::StrCat(mantissa, "e", decimal.exponent);
  return absl::StrCat(mantissa, "×10", Superscript(decimal.exponent));
}

}  // namespace

std::string NumberText(double value, int digits) { return Text(value, digits, false, Superscripts::kNo); }

std::string TypesetNumber(double value, int digits) { return Text(value, digits, false, Superscripts::kYes); }

std::string ChosenNumberText(double value) { return Text(value, kChosenDigits, true, Superscripts::kNo); }

std::string TypesetChosenNumber(double value) { return Text(value, kChosenDigits, true, Superscripts::kYes); }

std::string TokenText(double tokens) {
  constexpr double kBinaryThousand = 1024;
  if (tokens < 1000) return WithoutTrailingZeros(absl::StrFormat("%.1f", tokens));
  const bool binary = std::fmod(tokens, kBinaryThousand) == 0;
  double value = tokens / (binary ? kBinaryThousand : 1000);
  const double next = binary ? kBinaryThousand : 1000;
  const char* unit = "k";
  if (value >= next) {
    value /= next;
    unit = "M";
  }
  return absl::StrCat(WithoutTrailingZeros(absl::StrFormat("%.*f", value < 100 ? 1 : 0, value)), unit);
}

std::string CountText(std::int64_t count) {
  const std::string digits = absl::StrCat(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool behind_digit = i > 0 && digits[i - 1] != '-';
    if (behind_digit && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string Plural(std::int64_t count, absl::string_view noun) {
  return absl::StrCat(CountText(count), " ", noun, count == 1 ? "" : "s");
}

std::string DurationText(absl::Duration duration) {
  const double seconds = absl::ToDoubleSeconds(duration);
  return seconds < 1 ? absl::StrFormat("%.3g ms", seconds * 1000) : absl::StrFormat("%.3g s", seconds);
}

std::string PercentText(double share) { return absl::StrFormat("%g %%", 100 * share); }

}  // namespace ctxfit
