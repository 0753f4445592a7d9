#ifndef CTXFIT_CLIENT_INPUT_TEXT_INPUT_H_
#define CTXFIT_CLIENT_INPUT_TEXT_INPUT_H_

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctxfit {

// Limit on the length of a line and of a CSV record: 1 MiB. A file that exceeds it is not a table.
inline constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;

// Reads a text file, plain or gzip-compressed, line by line.
class TextInput {
 public:
  // Opens a file, or standard input if `path` is "-". INVALID_ARGUMENT if it cannot be read, or is UTF-16.
  static absl::StatusOr<TextInput> Open(const std::string& path);

  // Reads the next line, without its end (LF or CRLF), into `line`; false at the end of the file. A byte order mark at
  // the beginning of the file is dropped. INVALID_ARGUMENT, with file and line, if a line exceeds kMaxLineBytes, is not
  // UTF-8, or cannot be read or decompressed.
  absl::StatusOr<bool> NextLine(std::string& line);

  // Returns the first byte of the file that is neither white space nor part of a byte order mark; '\0' if there is none
  // in the first 64 KiB. Must be called before the first NextLine().
  char FirstVisibleByte() const;

  // Name for messages: the path, or "standard input".
  const std::string& name() const { return name_; }

  // Number of the line that NextLine() returned last, counted from 1.
  std::int64_t line_number() const { return line_number_; }

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  using File = std::unique_ptr<gzFile_s, Close>;

  TextInput(std::string name, File file);

  // Appends more of the file to the buffer.
  absl::Status Fill();
  absl::Status CheckUtf8(absl::string_view line) const;
  absl::Status Error(absl::string_view what) const;

  std::string name_;
  File file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // where the buffered bytes start that are not yet returned
  std::size_t end_ = 0;
  bool at_end_ = false;  // true once the file is read to its end
  std::int64_t line_number_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_INPUT_TEXT_INPUT_H_
