#include "server/wire/observations_conversion.h"

#include <google/protobuf/wire_format_lite.h>
#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "ctxfit/v1/observations.pb.h"
#include "kernels/base/status_macros.h"

namespace ctxfit {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

static_assert(std::endian::native == std::endian::little, "packed numbers are copied as they lie on the wire");

// A list that doubles as it grows takes three times its size: its unused half, and its old elements while they move.
constexpr std::int64_t kGrowth = 3;

// What a distinct label takes besides twice its bytes: a string and a successor in lists that grow, and a slot of the
// table by which it is found.
constexpr std::int64_t kLabel = 256;

// Returns the column of numbers for a field of v1::Observations, or null.
std::vector<double>* NumbersOf(int field, ObservationTable& table) {
  switch (field) {
    case v1::Observations::kTrainingComputeFlopsFieldNumber:
      return &table.training_compute_flops;
    case v1::Observations::kPromptTokensFieldNumber:
      return &table.prompt_tokens;
    case v1::Observations::kContextLimitTokensFieldNumber:
      return &table.context_limit_tokens;
    case v1::Observations::kScoreFieldNumber:
      return &table.score;
    case v1::Observations::kWeightFieldNumber:
      return &table.weight;
    case v1::Observations::kScoreVarianceFieldNumber:
      return &table.score_variance;
    default:
      return nullptr;
  }
}

// Returns the column of labels for a field of v1::Observations, or null.
Labels* LabelsOf(int field, ObservationTable& table) {
  switch (field) {
    case v1::Observations::kClusterFieldNumber:
      return &table.cluster;
    case v1::Observations::kCluster2FieldNumber:
      return &table.cluster_2;
    case v1::Observations::kTaskFieldNumber:
      return &table.task;
    case v1::Observations::kModelFieldNumber:
      return &table.model;
    default:
      return nullptr;
  }
}

// Reads the length of a field. False if the message is shorter.
bool ReadLength(CodedInputStream& wire, int& length) {
  return wire.ReadVarintSizeAsInt(&length) && length <= wire.BytesUntilLimit();
}

bool ReadNumber(CodedInputStream& wire, std::vector<double>& column, TableMemory& memory) {
  std::uint64_t bits = 0;
  if (!memory.Add(kGrowth * sizeof(double)) || !wire.ReadLittleEndian64(&bits)) return false;
  column.push_back(std::bit_cast<double>(bits));
  return true;
}

bool ReadPackedNumbers(CodedInputStream& wire, std::vector<double>& column, TableMemory& memory) {
  int bytes = 0;
  if (!ReadLength(wire, bytes) || bytes % sizeof(double) != 0) return false;
  const std::size_t rows = column.size();
  if (!memory.Add(rows == 0 ? bytes : kGrowth * static_cast<std::int64_t>(bytes))) return false;
  column.resize(rows + bytes / sizeof(double));
  return wire.ReadRaw(column.data() + rows, bytes);
}

// Reads a label; `scratch` joins one that lies in several pieces of the wire.
bool ReadLabel(CodedInputStream& wire, std::string& scratch, Labels& column, TableMemory& memory) {
  int length = 0;
  if (!ReadLength(wire, length)) return false;
  constexpr int kLong = 4096;
  if (length > kLong && !memory.Add(2 * static_cast<std::int64_t>(length))) return false;
  const std::size_t labels = column.dictionary().size();
  const void* piece = nullptr;
  int size = 0;
  wire.GetDirectBufferPointerInline(&piece, &size);
  if (length <= size) {
    column.push_back(absl::string_view(static_cast<const char*>(piece), length));
    if (!wire.Skip(length)) return false;
  } else {
    if (!wire.ReadString(&scratch, length)) return false;
    column.push_back(scratch);
  }
  const bool is_new = column.dictionary().size() > labels;
  const std::int64_t text = length > kLong ? 0 : 2 * static_cast<std::int64_t>(length);
  return memory.Add(kGrowth * sizeof(std::int32_t) + (is_new ? kLabel + text : 0));
}

bool ReadFlag(CodedInputStream& wire, std::vector<bool>& column) {
  std::uint64_t flag = 0;
  if (!wire.ReadVarint64(&flag)) return false;
  column.push_back(flag != 0);
  return true;
}

bool ReadPackedFlags(CodedInputStream& wire, std::vector<bool>& column) {
  int bytes = 0;
  if (!ReadLength(wire, bytes)) return false;
  const CodedInputStream::Limit outer = wire.PushLimit(bytes);
  while (wire.BytesUntilLimit() > 0) {
    if (!ReadFlag(wire, column)) return false;
  }
  wire.PopLimit(outer);
  return true;
}

// Reads repeated numbers, packed or one by one, as every protobuf reader must.
bool ReadField(CodedInputStream& wire, std::uint32_t tag, std::string& scratch, ObservationTable& table,
               TableMemory& memory) {
  const int field = WireFormatLite::GetTagFieldNumber(tag);
  const WireFormatLite::WireType type = WireFormatLite::GetTagWireType(tag);
  const bool has_length = type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
  if (Labels* labels = LabelsOf(field, table); labels != nullptr && has_length) {
    return ReadLabel(wire, scratch, *labels, memory);
  }
  if (std::vector<double>* numbers = NumbersOf(field, table); numbers != nullptr) {
    if (has_length) return ReadPackedNumbers(wire, *numbers, memory);
    if (type == WireFormatLite::WIRETYPE_FIXED64) return ReadNumber(wire, *numbers, memory);
  }
  if (field == v1::Observations::kHeldOutFieldNumber) {
    if (has_length) return ReadPackedFlags(wire, table.held_out);
    if (type == WireFormatLite::WIRETYPE_VARINT) return ReadFlag(wire, table.held_out);
  }
  return WireFormatLite::SkipField(&wire, tag);
}

bool IsUtf8(const Labels& column, const char* name) {
  return std::all_of(column.dictionary().begin(), column.dictionary().end(), [name](const std::string& label) {
    return WireFormatLite::VerifyUtf8String(label.data(), static_cast<int>(label.size()), WireFormatLite::PARSE, name);
  });
}

}  // namespace

bool TableMemory::Add(std::int64_t bytes) {
  constexpr std::int64_t kStep = std::int64_t{1} << 20;
  bytes_ += bytes;
  if (bytes_ <= reserved_) return true;
  reserved_ = bytes_ + kStep;
  status_ = reserve_(reserved_);
  return status_.ok();
}

bool ParseObservations(CodedInputStream& wire, ObservationTable& table, TableMemory& memory) {
  std::string scratch;
  while (const std::uint32_t tag = wire.ReadTag()) {
    if (!ReadField(wire, tag, scratch, table, memory)) return false;
  }
  return wire.ConsumedEntireMessage() && IsUtf8(table.cluster, "observations.cluster") &&
         IsUtf8(table.cluster_2, "observations.cluster_2") && IsUtf8(table.task, "observations.task") &&
         IsUtf8(table.model, "observations.model");
}

std::int64_t MemoryOf(const ObservationTable& table) {
  std::size_t bytes = table.held_out.capacity() / 8 + table.group.capacity() * sizeof(std::int32_t);
  for (const std::vector<double>* column :
       {&table.training_compute_flops, &table.prompt_tokens, &table.context_limit_tokens, &table.score, &table.weight,
        &table.score_variance}) {
    bytes += column->capacity() * sizeof(double);
  }
  for (const Labels* column : {&table.cluster, &table.cluster_2, &table.task, &table.model}) {
    bytes += column->codes().capacity() * sizeof(std::int32_t) + column->dictionary().size() * kLabel;
    for (const std::string& label : column->dictionary()) bytes += 2 * label.size();
  }
  return static_cast<std::int64_t>(bytes);
}

absl::StatusOr<std::string> Digest(const Observations& observations, const StopSignal& stop) {
  constexpr std::size_t kBytesPerCheck = std::size_t{1} << 20;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  const auto add = [&](const auto& column) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(column.data());
    const std::size_t size = column.size() * sizeof(column[0]);
    for (std::size_t begin = 0; begin < size && stop.Check().ok(); begin += kBytesPerCheck) {
      EVP_DigestUpdate(context.get(), bytes + begin, std::min(kBytesPerCheck, size - begin));
    }
  };
  add(observations.covariates);
  add(observations.row_begin);
  add(observations.score);
  // A table without weights has the digest of one whose weights are all 1.
  const bool weighted =
      std::any_of(observations.weight.begin(), observations.weight.end(), [](double weight) { return weight != 1; });
  if (weighted) add(observations.weight);
  add(observations.score_variance);
  add(observations.unit);
  add(observations.unit_2);
  CTXFIT_RETURN_IF_ERROR(stop.Check());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestFinal_ex(context.get(), digest, &length);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), length));
}

}  // namespace ctxfit
