#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/input/observation_reader.h"

namespace ctxfit {

void RowOrigins::StartFile(std::string name) { files_.push_back({std::move(name), lines_.size()}); }

std::string RowOrigins::Describe(std::size_t row) const {
  const auto after = std::upper_bound(files_.begin(), files_.end(), row,
                                      [](std::size_t wanted, const File& file) { return wanted < file.first_row; });
  return absl::StrCat(std::prev(after)->name, ":", lines_[row]);
}

absl::Status RowOrigins::Translate(const absl::Status& status) const {
  const std::string message(status.message());
  absl::string_view rest = message;
  if (!absl::ConsumePrefix(&rest, "observations.")) return status;
  const std::size_t open = rest.find('[');
  const std::size_t close = rest.find(']');
  std::size_t row = 0;
  if (open == absl::string_view::npos || close == absl::string_view::npos || close < open ||
      !absl::SimpleAtoi(rest.substr(open + 1, close - open - 1), &row) || row >= lines_.size()) {
    return status;
  }
  return absl::Status(status.code(), absl::StrCat(Describe(row), ": ", rest.substr(0, open), rest.substr(close + 1)));
}

}  // namespace ctxfit
