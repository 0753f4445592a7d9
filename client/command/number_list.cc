#include "client/command/number_list.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/input/utf8.h"

namespace ctxfit {
namespace {

// Appends the numbers of the grid LOW:HIGH:COUNT. False if `parts` are not a valid grid.
bool AppendGrid(const std::vector<absl::string_view>& parts, std::vector<double>& numbers) {
  double low = 0;
  double high = 0;
  int count = 0;
  if (parts.size() != 3 || !absl::SimpleAtod(parts[0], &low) || !absl::SimpleAtod(parts[1], &high) ||
      !absl::SimpleAtoi(parts[2], &count) || !(low > 0 && low < high && std::isfinite(high)) || count < 2 ||
      count > 10000) {
    return false;
  }
  const double step = std::log(high / low) / (count - 1);
  for (int i = 0; i + 1 < count; ++i) numbers.push_back(low * std::exp(i * step));
  numbers.push_back(high);
  return true;
}

}  // namespace

absl::StatusOr<std::vector<double>> ParseNumbers(const std::string& flag, const std::vector<std::string>& texts) {
  std::vector<double> numbers;
  for (const std::string& text : texts) {
    double number = 0;
    if (absl::SimpleAtod(text, &number)) {
      numbers.push_back(number);
    } else if (!AppendGrid(absl::StrSplit(text, ':'), numbers)) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, " ", Quoted(text),
                       ": must be a number, or LOW:HIGH:COUNT with 0 < LOW < HIGH and COUNT in [2, 10000]"));
    }
  }
  return numbers;
}

}  // namespace ctxfit
