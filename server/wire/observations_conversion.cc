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

bool ReadNumber(CodedInputStream& wire, std::vector<double>& column) {
  std::uint64_t bits = 0;
  if (!wire.ReadLittleEndian64(&bits)) return false;
  column.push_back(std::bit_cast<double>(bits));
  return true;
}

bool ReadPackedNumbers(CodedInputStream& wire, std::vector<double>& column) {
  int bytes = 0;
  if (!ReadLength(wire, bytes) || bytes % sizeof(double) != 0) return false;
  const std::size_t rows = column.size();
  column.resize(rows + bytes / sizeof(double));
  return wire.ReadRaw(column.data() + rows, bytes);
}

// Reads a label; `scratch` joins one that lies in several pieces of the wire.
bool ReadLabel(CodedInputStream& wire, std::string& scratch, Labels& column) {
  int length = 0;
  if (!ReadLength(wire, length)) return false;
  const void* piece = nullptr;
  int size = 0;
  wire.GetDirectBufferPointerInline(&piece, &size);
  if (length <= size) {
    column.push_back(absl::string_view(static_cast<const char*>(piece), length));
    return wire.Skip(length);
  }
  if (!wire.ReadString(&scratch, length)) return false;
  column.push_back(scratch);
  return true;
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
bool ReadField(CodedInputStream& wire, std::uint32_t tag, std::string& scratch, ObservationTable& table) {
  const int field = WireFormatLite::GetTagFieldNumber(tag);
  const WireFormatLite::WireType type = WireFormatLite::GetTagWireType(tag);
  const bool has_length = type == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
  if (Labels* labels = LabelsOf(field, table); labels != nullptr && has_length) {
    return ReadLabel(wire, scratch, *labels);
  }
  if (std::vector<double>* numbers = NumbersOf(field, table); numbers != nullptr) {
    if (has_length) return ReadPackedNumbers(wire, *numbers);
    if (type == WireFormatLite::WIRETYPE_FIXED64) return ReadNumber(wire, *numbers);
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

bool ParseObservations(CodedInputStream& wire, ObservationTable& table) {
  std::string scratch;
  while (const std::uint32_t tag = wire.ReadTag()) {
    if (!ReadField(wire, tag, scratch, table)) return false;
  }
  return wire.ConsumedEntireMessage() && IsUtf8(table.cluster, "observations.cluster") &&
         IsUtf8(table.cluster_2, "observations.cluster_2") && IsUtf8(table.task, "observations.task") &&
         IsUtf8(table.model, "observations.model");
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
