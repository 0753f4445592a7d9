#include "server/wire/wire_messages.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "kernels/base/status_macros.h"
#include "server/wire/observations_conversion.h"
#include "server/wire/parsed_size.h"

namespace ctxfit {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

bool ReadSubmessage(CodedInputStream& wire, ObservationTable& observations, TableMemory& memory) {
  int length = 0;
  if (!wire.ReadVarintSizeAsInt(&length) || length > wire.BytesUntilLimit()) return false;
  const CodedInputStream::Limit outer = wire.PushLimit(length);
  if (!ParseObservations(wire, observations, memory)) return false;
  wire.PopLimit(outer);
  return true;
}

// Reads observations into a table and copies every other field to `others`.
bool Separate(CodedInputStream& wire, int observations_field, ObservationTable& observations, TableMemory& memory,
              CodedOutputStream& others) {
  const std::uint32_t observations_tag =
      WireFormatLite::MakeTag(observations_field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
  while (const std::uint32_t tag = wire.ReadTag()) {
    const bool read = tag == observations_tag ? ReadSubmessage(wire, observations, memory)
                                              : WireFormatLite::SkipField(&wire, tag, &others);
    if (!read) return false;
  }
  return wire.ConsumedEntireMessage();
}

absl::Status Malformed(const google::protobuf::MessageLite& message) {
  return absl::InvalidArgumentError(absl::StrCat("the request is not a valid ", message.GetTypeName()));
}

}  // namespace

absl::Status ReadMessage(const grpc::ByteBuffer& bytes, google::protobuf::Message& message,
                         const ReserveMemory& reserve) {
  grpc::ByteBuffer shared(bytes);
  {
    grpc::ProtoBufferReader reader(&shared);
    const auto size = reader.status().ok() ? ParsedSize(reader, *message.GetDescriptor()) : std::nullopt;
    if (!size) return Malformed(message);
    CTXFIT_RETURN_IF_ERROR(reserve(static_cast<std::int64_t>(bytes.Length()) + *size));
  }
  grpc::ProtoBufferReader reader(&shared);
  if (!reader.status().ok() || !message.ParseFromZeroCopyStream(&reader)) return Malformed(message);
  return absl::OkStatus();
}

absl::Status ReadRequest(const grpc::ByteBuffer& bytes, int observations_field, google::protobuf::Message& message,
                         ObservationTable& observations, const ReserveMemory& reserve) {
  grpc::ByteBuffer shared(bytes);
  grpc::ProtoBufferReader reader(&shared);
  if (!reader.status().ok()) return Malformed(message);
  CodedInputStream wire(&reader);
  wire.PushLimit(static_cast<int>(bytes.Length()));
  TableMemory memory(static_cast<std::int64_t>(bytes.Length()), reserve);
  std::string others;
  {
    google::protobuf::io::StringOutputStream stream(&others);
    CodedOutputStream output(&stream);
    if (!Separate(wire, observations_field, observations, memory, output)) {
      return memory.status().ok() ? Malformed(message) : memory.status();
    }
  }
  google::protobuf::io::ArrayInputStream others_read(others.data(), static_cast<int>(others.size()));
  const auto size = ParsedSize(others_read, *message.GetDescriptor());
  if (!size) return Malformed(message);
  // Growing by doubling, `others` may have taken twice its size.
  CTXFIT_RETURN_IF_ERROR(reserve(memory.bytes() + 2 * static_cast<std::int64_t>(others.size()) + *size));
  if (!message.ParseFromString(others)) return Malformed(message);
  return absl::OkStatus();
}

absl::StatusOr<grpc::ByteBuffer> ToBytes(const google::protobuf::MessageLite& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  const grpc::Status status =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::MessageLite>(message, &bytes, &own);
  if (!status.ok()) return absl::ResourceExhaustedError(absl::StrCat(message.GetTypeName(), ": cannot be written"));
  return bytes;
}

}  // namespace ctxfit
