#include "tests/server/answer_faults.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "ctxfit/v1/law.pb.h"
#include "ctxfit/v1/options.pb.h"

namespace ctxfit {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::vector<const FieldDescriptor*> FieldsOf(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) fields.push_back(message.GetDescriptor()->field(i));
  return fields;
}

bool IsDouble(const FieldDescriptor& field) { return field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE; }

// The values of a field of doubles: one, many, or none where it is unset.
std::vector<double> ValuesOf(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<double> values;
  if (!field.is_repeated()) {
    if (!field.has_presence() || reflection.HasField(message, &field)) {
      values.push_back(reflection.GetDouble(message, &field));
    }
    return values;
  }
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    values.push_back(reflection.GetRepeatedDouble(message, &field, i));
  }
  return values;
}

// Calls visit(message, path) for `message` and every message within it.
template <class Visit>
void ForEachMessage(const Message& message, const std::string& path, const Visit& visit) {
  visit(message, path);
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (const FieldDescriptor* field : FieldsOf(message)) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string name = absl::StrCat(path, path.empty() ? "" : ".", field->name());
    if (!field->is_repeated()) {
      if (reflection.HasField(message, field)) ForEachMessage(reflection.GetMessage(message, field), name, visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      ForEachMessage(reflection.GetRepeatedMessage(message, field, i), absl::StrCat(name, "[", i, "]"), visit);
    }
  }
}

// The numbers at which bounds, fixed values and asymptotes hold what is fitted.
std::set<double> HeldValuesOf(const Message& answer) {
  std::set<double> held = {0, 1};
  ForEachMessage(answer, "", [&held](const Message& message, const std::string&) {
    const google::protobuf::Descriptor* const type = message.GetDescriptor();
    const bool holds = type == v1::Bound::descriptor() || type == v1::FixedParameter::descriptor() ||
                       type == v1::Asymptote::descriptor() || type == v1::Penalty::descriptor();
    for (const FieldDescriptor* field : FieldsOf(message)) {
      if (!IsDouble(*field) || !(holds || field->name() == "floor" || field->name() == "ceiling")) continue;
      for (const double value : ValuesOf(message, *field)) held.insert(value);
    }
  });
  return held;
}

class FaultFinder {
 public:
  FaultFinder(const Message& answer, IntervalRule rule) : rule_(rule), held_(HeldValuesOf(answer)) {
    ForEachMessage(answer, "", [this](const Message& message, const std::string& path) { Visit(message, path); });
  }

  std::vector<std::string> Take() { return std::move(faults_); }

 private:
  void Visit(const Message& message, const std::string& path) {
    for (const FieldDescriptor* field : FieldsOf(message)) {
      if (!IsDouble(*field)) continue;
      const std::string name = absl::StrCat(path, path.empty() ? "" : ".", field->name());
      const std::vector<double> values = ValuesOf(message, *field);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) faults_.push_back(absl::StrFormat("%s[%d] = %.17g", name, i, values[i]));
      }
      absl::string_view stem = field->name();
      if (!absl::ConsumeSuffix(&stem, "lower") || !(stem.empty() || absl::EndsWith(stem, "_"))) continue;
      const FieldDescriptor* const upper = message.GetDescriptor()->FindFieldByName(absl::StrCat(stem, "upper"));
      if (upper != nullptr) CheckIntervals(name, values, ValuesOf(message, *upper));
    }
  }

  void CheckIntervals(const std::string& name, const std::vector<double>& lower, const std::vector<double>& upper) {
    for (std::size_t i = 0; i < std::min(lower.size(), upper.size()); ++i) {
      const bool is_empty = lower[i] == upper[i] && !held_.contains(lower[i]);
      if (lower[i] > upper[i] || (rule_ == IntervalRule::kHasWidth && is_empty)) {
        faults_.push_back(absl::StrFormat("%s[%d] = %.17g: %s its upper end %.17g", name, i, lower[i],
                                          is_empty ? "equals" : "above", upper[i]));
      }
    }
  }

  const IntervalRule rule_;
  const std::set<double> held_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> FaultsOf(const Message& answer, IntervalRule rule) { return FaultFinder(answer, rule).Take(); }

}  // namespace ctxfit
