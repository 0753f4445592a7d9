#include "client/command/option_flags.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/command/shared_arguments.h"
#include "client/text/flag_names.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/default_options.h"

namespace ctxfit {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A field of a message.
struct Field {
  Message& message;
  const FieldDescriptor& descriptor;

  void Set(std::int32_t value) const { message.GetReflection()->SetInt32(&message, &descriptor, value); }
  void Set(std::int64_t value) const { message.GetReflection()->SetInt64(&message, &descriptor, value); }
  void Set(double value) const { message.GetReflection()->SetDouble(&message, &descriptor, value); }
  void Set(bool value) const { message.GetReflection()->SetBool(&message, &descriptor, value); }
  void SetEnumerator(int number) const { message.GetReflection()->SetEnumValue(&message, &descriptor, number); }
};

Field FindField(Message& message, absl::string_view path) {
  Message* parent = &message;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    parent = parent->GetReflection()->MutableMessage(parent, parent->GetDescriptor()->FindFieldByName(names[i]));
  }
  return {*parent, *parent->GetDescriptor()->FindFieldByName(names.back())};
}

// "two-way" for RESAMPLING_TWO_WAY: the enumerator without the prefix that it shares with the unspecified one.
std::string ChoiceName(const EnumValueDescriptor& value) {
  const std::string& unspecified = value.type()->FindValueByNumber(0)->name();
  const std::size_t prefix = unspecified.size() - absl::string_view("UNSPECIFIED").size();
  return absl::StrReplaceAll(absl::AsciiStrToLower(value.name().substr(prefix)), {{"_", "-"}});
}

std::map<std::string, int> Choices(const EnumDescriptor& type) {
  std::map<std::string, int> choices;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) choices[ChoiceName(*type.value(i))] = type.value(i)->number();
  }
  return choices;
}

std::string DefaultText(const OptionFlag& flag) {
  v1::FitOptions defaults = DefaultFitOptions();
  const Field field = FindField(defaults, flag.field);
  const Message& message = field.message;
  switch (field.descriptor.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(message.GetReflection()->GetInt32(message, &field.descriptor));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(message.GetReflection()->GetInt64(message, &field.descriptor));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(message.GetReflection()->GetDouble(message, &field.descriptor));
    case FieldDescriptor::CPPTYPE_ENUM:
      return ChoiceName(*message.GetReflection()->GetEnum(message, &field.descriptor));
    default:
      return "";
  }
}

template <class T>
void AddNumber(CLI::App& command, const OptionFlag& flag, const std::string& help, v1::FitOptions& options) {
  const auto set = [&options, path = flag.field](const T& value) { FindField(options, path).Set(value); };
  command.add_option_function<T>(FlagOfOption(flag.field), set, help)->type_name(flag.value);
}

void AddOptionFlag(CLI::App& command, const OptionFlag& flag, v1::FitOptions& options) {
  const FieldDescriptor& field = FindField(options, flag.field).descriptor;
  const std::string help = WithDefault(flag.help, *flag.default_text != '\0' ? flag.default_text : DefaultText(flag));
  const auto set_enumerator = [&options, path = flag.field](int number) {
    FindField(options, path).SetEnumerator(number);
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return AddNumber<std::int32_t>(command, flag, help, options);
    case FieldDescriptor::CPPTYPE_INT64:
      return AddNumber<std::int64_t>(command, flag, help, options);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AddNumber<double>(command, flag, help, options);
    case FieldDescriptor::CPPTYPE_ENUM:
      return AddNamedValues<int>(command, FlagOfOption(flag.field), Choices(*field.enum_type()), set_enumerator, help);
    default:  // a bool
      command.add_flag_callback(
          FlagOfOption(flag.field), [&options, path = flag.field] { FindField(options, path).Set(true); }, help);
  }
}

}  // namespace

void AddOptionFlags(CLI::App& command, absl::Span<const OptionFlag> flags, v1::FitOptions& options) {
  for (const OptionFlag& flag : flags) AddOptionFlag(command, flag, options);
}

}  // namespace ctxfit
