#include "client/input/text_input.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/input/dialect.h"
#include "client/input/utf8.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 16;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

absl::StatusOr<TextInput> TextInput::Open(const std::string& path) {
  const bool standard_input = path == "-";
  File file(standard_input ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(path.c_str(), "rb"));
  if (file == nullptr) return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::strerror(errno)));
  TextInput input(standard_input ? "standard input" : path, std::move(file));
  CTXFIT_RETURN_IF_ERROR(input.Fill());
  const absl::string_view first_bytes(input.buffer_.data(), input.end_);
  if (const absl::string_view format = BinaryFormatOf(first_bytes); !format.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(input.name_, ": must be CSV or JSON Lines, plain or gzipped, and is ", format));
  }
  const absl::string_view encoding = WideEncodingOf(first_bytes);
  if (!encoding.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(input.name_, ": the file is ", encoding,
                                                   ": must be UTF-8, as iconv -f ", encoding, " -t UTF-8 writes"));
  }
  const std::size_t mark = std::min(kByteOrderMark.size(), input.end_);
  if (absl::string_view(input.buffer_.data(), mark) == kByteOrderMark) input.begin_ = mark;
  return input;
}

TextInput::TextInput(std::string name, File file) : name_(std::move(name)), file_(std::move(file)) {}

absl::Status TextInput::Error(absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(name_, ":", line_number_, ": ", what));
}

absl::Status TextInput::Fill() {
  if (begin_ > 0) {
    std::copy(buffer_.begin() + begin_, buffer_.begin() + end_, buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  buffer_.resize(end_ + kReadBytes);
  const int read = gzread(file_.get(), buffer_.data() + end_, kReadBytes);
  if (read > 0) end_ += read;
  at_end_ = read <= 0;
  int code = Z_OK;
  const char* message = gzerror(file_.get(), &code);
  if (code == Z_ERRNO) return absl::InvalidArgumentError(absl::StrCat(name_, ": ", std::strerror(errno)));
  if (code == Z_BUF_ERROR) return absl::InvalidArgumentError(absl::StrCat(name_, ": the compressed file is cut off"));
  if (code < 0) return absl::InvalidArgumentError(absl::StrCat(name_, ": cannot be decompressed: ", message));
  return absl::OkStatus();
}

char TextInput::FirstVisibleByte() const {
  constexpr absl::string_view kSpace = " \t\r\n";
  const absl::string_view text(buffer_.data() + begin_, end_ - begin_);
  const std::size_t visible = text.find_first_not_of(kSpace);
  return visible == absl::string_view::npos ? '\0' : text[visible];
}

absl::StatusOr<bool> TextInput::NextLine(std::string& line) {
  std::size_t searched = 0;
  ++line_number_;
  while (true) {
    const absl::string_view text(buffer_.data() + begin_, end_ - begin_);
    const std::size_t size = text.find('\n', searched);
    if (std::min(size, text.size()) > kMaxLineBytes) {
      return Error(absl::StrCat("the line is longer than ", kMaxLineBytes, " bytes; is this a table?"));
    }
    if (size != absl::string_view::npos || at_end_) {
      if (text.empty()) return false;
      line = std::string(text.substr(0, size));
      begin_ += std::min(line.size() + 1, text.size());
      break;
    }
    searched = text.size();
    CTXFIT_RETURN_IF_ERROR(Fill());
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  CTXFIT_RETURN_IF_ERROR(CheckUtf8(line));
  return true;
}

absl::Status TextInput::CheckUtf8(absl::string_view line) const {
  const std::size_t valid = ValidUtf8Prefix(line);
  if (valid == line.size()) return absl::OkStatus();
  const std::size_t context = std::min<std::size_t>(valid, 20);
  return Error(absl::StrCat("byte ", valid + 1, " of the line, in ", Quoted(line.substr(valid - context, context + 4)),
                            ", is not UTF-8"));
}

}  // namespace ctxfit
