#include "client/text/json.h"

#include <cstddef>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/util/json_util.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

// True if the array that opens at `open` contains neither arrays nor objects.
bool IsPlainArray(absl::string_view json, std::size_t open) {
  bool in_text = false;
  for (std::size_t i = open + 1; i < json.size(); ++i) {
    if (in_text) {
      if (json[i] == '\\') ++i;
      if (json[i] == '"') in_text = false;
      continue;
    }
    if (json[i] == '"') in_text = true;
    if (json[i] == '[' || json[i] == '{') return false;
    if (json[i] == ']') return true;
  }
  return true;
}

// Indents compact JSON.
class Indenter {
 public:
  explicit Indenter(absl::string_view json) : json_(json) { out_.reserve(2 * json.size()); }

  std::string Run() {
    for (at_ = 0; at_ < json_.size(); ++at_) Step(json_[at_]);
    return out_ + "\n";
  }

 private:
  void Step(char byte) {
    if (byte == '"') return CopyText();
    if (byte == '{' || byte == '[') return Open(byte);
    if (byte == '}' || byte == ']') return Close(byte);
    out_ += byte;
    if (byte == ':') out_ += ' ';
    if (byte == ',') in_plain_array_ ? void(out_ += ' ') : NewLine();
  }

  void CopyText() {
    do {
      out_ += json_[at_];
      if (json_[at_] == '\\') out_ += json_[++at_];
    } while (json_[++at_] != '"');
    out_ += '"';
  }

  void Open(char byte) {
    out_ += byte;
    in_plain_array_ = byte == '[' && IsPlainArray(json_, at_);
    if (in_plain_array_) return;
    ++depth_;
    if (json_[at_ + 1] != '}') NewLine();
  }

  void Close(char byte) {
    if (!in_plain_array_) {
      --depth_;
      if (json_[at_ - 1] != '{') NewLine();
    }
    in_plain_array_ = false;
    out_ += byte;
  }

  void NewLine() { out_.append("\n").append(2 * depth_, ' '); }

  const absl::string_view json_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool in_plain_array_ = false;
};

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& stream = path == "-" ? std::cin : file;
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (path != "-" && !file.is_open()) return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  return text;
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  // Ignores the status: only unresolvable Any fields make it fail, and no message has any.
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return Indenter(json).Run();
}

absl::StatusOr<v1::FitResponse> ReadFitResponse(const std::string& path) {
  CTXFIT_ASSIGN_OR_RETURN(const std::string json, ReadAll(path));
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  v1::FitResponse response;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &response, options);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": not the JSON that `ctxfit fit --out` writes: ",
                     absl::string_view(status.message().data(), status.message().size())));
  }
  if (response.fits().empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": holds no fits"));
  return response;
}

}  // namespace ctxfit
