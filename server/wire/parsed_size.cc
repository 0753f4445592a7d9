#include "server/wire/parsed_size.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <limits>

namespace ctxfit {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// What an element takes besides its value: a pointer in its list, the list's unused half, and the allocator's header.
constexpr std::int64_t kElement = 32;
constexpr std::int64_t kString = 32;  // std::string
constexpr std::int64_t kNumber = 8;
constexpr int kMaxDepth = 100;  // as deep as protobuf reads

bool AddMessage(CodedInputStream& wire, const Descriptor& type, int depth, std::int64_t& sum);

std::int64_t SizeOfEmpty(const Descriptor& type) {
  return static_cast<std::int64_t>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->SpaceUsedLong());
}

// Adds the value of a field that has a length.
bool AddDelimited(CodedInputStream& wire, const FieldDescriptor* field, int depth, std::int64_t& sum) {
  int length = 0;
  if (!wire.ReadVarintSizeAsInt(&length) || length > wire.BytesUntilLimit()) return false;
  if (field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const CodedInputStream::Limit outer = wire.PushLimit(length);
    if (!AddMessage(wire, *field->message_type(), depth + 1, sum) || wire.BytesUntilLimit() > 0) return false;
    wire.PopLimit(outer);
    sum += kElement;
    return true;
  }
  // A packed number of one byte on the wire takes up to eight.
  const bool packs_varints = field != nullptr && field->is_packable() && field->type() != FieldDescriptor::TYPE_DOUBLE;
  sum += kElement + kString + (packs_varints ? kNumber : 1) * static_cast<std::int64_t>(length);
  return wire.Skip(length);
}

bool AddMessage(CodedInputStream& wire, const Descriptor& type, int depth, std::int64_t& sum) {
  if (depth > kMaxDepth) return false;
  sum += SizeOfEmpty(type);
  while (const std::uint32_t tag = wire.ReadTag()) {
    const FieldDescriptor* const field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!AddDelimited(wire, field, depth, sum)) return false;
      continue;
    }
    // The contract has no groups, whose contents would not be counted.
    if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_START_GROUP) return false;
    if (!WireFormatLite::SkipField(&wire, tag)) return false;
    sum += kElement;
  }
  return wire.ConsumedEntireMessage();
}

}  // namespace

std::optional<std::int64_t> ParsedSize(google::protobuf::io::ZeroCopyInputStream& bytes, const Descriptor& type) {
  CodedInputStream wire(&bytes);
  // CodedInputStream takes the largest int for no limit, and then tells none.
  wire.PushLimit(std::numeric_limits<int>::max() - 1);
  std::int64_t sum = 0;
  if (!AddMessage(wire, type, 0, sum)) return std::nullopt;
  return sum;
}

}  // namespace ctxfit
