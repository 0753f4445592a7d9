#include "client/input/text_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/client/input/temporary_file.h"

namespace ctxfit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<std::vector<std::string>> Lines(const std::string& path) {
  absl::StatusOr<TextInput> input = TextInput::Open(path);
  if (!input.ok()) return input.status();
  std::vector<std::string> lines;
  std::string line;
  while (true) {
    const absl::StatusOr<bool> more = input->NextLine(line);
    if (!more.ok()) return more.status();
    if (!*more) return lines;
    lines.push_back(line);
  }
}

std::string ErrorOf(const std::string& content) {
  const TemporaryFile file(content);
  const absl::Status status = Lines(file.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

std::string Compressed(const std::string& text) {
  std::string out(compressBound(text.size()) + 32, '\0');
  z_stream stream = {};
  constexpr int kGzip = 16;
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(TextInputTest, ReadsALastLineWithAndWithoutItsEnd) {
  const TemporaryFile file("one\r\n\ntwo\nthree");
  EXPECT_THAT(*Lines(file.path()), ElementsAre("one", "", "two", "three"));
}

TEST(TextInputTest, DropsAByteOrderMarkAtTheBeginningOnly) {
  const TemporaryFile file("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n");
  EXPECT_THAT(*Lines(file.path()), ElementsAre("one", "\xEF\xBB\xBFtwo"));
}

TEST(TextInputTest, ReadsLinesThatCrossTheBuffer) {
  const std::string long_line(200000, 'x');
  const TemporaryFile file("a\n" + long_line + "\nb\n");
  EXPECT_THAT(*Lines(file.path()), ElementsAre("a", long_line, "b"));
}

TEST(TextInputTest, ReadsCompressedFiles) {
  const TemporaryFile file(Compressed("one\ntwo\n"));
  EXPECT_THAT(*Lines(file.path()), ElementsAre("one", "two"));
}

TEST(TextInputTest, RefusesTruncatedAndCorruptGzipFiles) {
  std::string content;
  for (int i = 0; i < 5000; ++i) content += std::to_string(i * 7919 % 10007) + "\n";
  const std::string whole = Compressed(content);
  EXPECT_THAT(ErrorOf(whole.substr(0, whole.size() / 2)), HasSubstr("the compressed file is cut off"));
  std::string broken = whole;
  broken.replace(whole.size() / 2, 16, std::string(16, '\xFF'));
  EXPECT_THAT(ErrorOf(broken), HasSubstr("cannot be decompressed"));
}

TEST(TextInputTest, RefusesALineOfTenMegabytes) {
  EXPECT_THAT(ErrorOf("a\n" + std::string(10 << 20, 'x')), HasSubstr(":2: the line is longer than 1048576 bytes"));
}

TEST(TextInputTest, RefusesTruncatedUtf8) {
  EXPECT_THAT(ErrorOf("a,b\nna\xC3\xAFve,1\ncaf\xC3,1\n"), HasSubstr(":3: byte 4 of the line"));
}

TEST(TextInputTest, RefusesUnreadableFiles) {
  EXPECT_THAT(std::string(TextInput::Open("/nonexistent/file").status().message()), HasSubstr("No such file"));
  EXPECT_THAT(std::string(TextInput::Open("/").status().message()), HasSubstr("directory"));
}

TEST(TextInputTest, PeeksAtTheFirstVisibleByte) {
  const TemporaryFile file("\xEF\xBB\xBF\n  {\"a\": 1}\n");
  absl::StatusOr<TextInput> input = TextInput::Open(file.path());
  ASSERT_TRUE(input.ok());
  EXPECT_EQ(input->FirstVisibleByte(), '{');
  const TemporaryFile empty("", "empty");
  EXPECT_EQ(TextInput::Open(empty.path())->FirstVisibleByte(), '\0');
}

TEST(TextInputTest, NamesFormatsThatAreNotText) {
  const std::pair<std::string, std::string> files[] = {
      {"PAR1\x15\x04", "Parquet, which DuckDB and pandas write as CSV"},
      {"PK\x03\x04\x14", "a ZIP archive, as .xlsx workbooks and .eval logs are: extract or export the table"},
      {"\x28\xB5\x2F\xFD$", "compressed by zstd: decompress it by zstd -d"},
      {"BZh91AY", "compressed by bzip2: decompress it by bzip2 -d"},
  };
  for (const auto& [content, format] : files) {
    const TemporaryFile file(content);
    EXPECT_EQ(TextInput::Open(file.path()).status().message(),
              file.path() + ": must be CSV or JSON Lines, plain or gzipped, and is " + format);
  }
  const TemporaryFile text("PARTICIPANT,score\n");
  EXPECT_TRUE(TextInput::Open(text.path()).ok());
}

TEST(TextInputTest, RefusesUtf16AndNamesTheRemedy) {
  using std::string_literals::operator""s;
  for (const std::string& content : {"\xFF\xFE"
                                     "a\0,\0"s,
                                     "\xFE\xFF\0a\0,"s, "a\0,\0"s}) {
    const TemporaryFile file(content);
    EXPECT_EQ(TextInput::Open(file.path()).status().message(),
              file.path() + ": the file is UTF-16: must be UTF-8, as iconv -f UTF-16 -t UTF-8 writes");
  }
}

}  // namespace
}  // namespace ctxfit
