#ifndef CTXFIT_SERVER_WIRE_OBSERVATIONS_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_OBSERVATIONS_CONVERSION_H_

#include <google/protobuf/io/coded_stream.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"
#include "server/wire/reserve_memory.h"

namespace ctxfit {

// Counts the memory that a table takes while it is read, and reserves it in steps before it is used.
class TableMemory {
 public:
  // `bytes` are taken already: by the serialised request.
  TableMemory(std::int64_t bytes, ReserveMemory reserve) : bytes_(bytes), reserve_(std::move(reserve)) {}

  // Counts that many more. False where they are refused, with status() as the reason.
  bool Add(std::int64_t bytes);

  std::int64_t bytes() const { return bytes_; }
  const absl::Status& status() const { return status_; }

 private:
  std::int64_t bytes_;
  std::int64_t reserved_ = 0;
  const ReserveMemory reserve_;
  absl::Status status_;
};

// Reads a serialised ctxfit.v1.Observations, up to the limit of `wire`, and appends its columns to `table`, which
// Validate() of kernels/data/valid_table.h checks. False where the bytes are not such a message. Labels go straight
// into their columns: as fields of a message, hundreds of thousands of them would each be a string of their own.
// Also false where `memory` refuses.
bool ParseObservations(google::protobuf::io::CodedInputStream& wire, ObservationTable& table, TableMemory& memory);

// Returns the memory that a table takes.
std::int64_t MemoryOf(const ObservationTable& table);

// Returns the SHA-256, in hexadecimal, of a task's columns in canonical order: the same for the same rows in any order.
// Errors: those of `stop`, which is looked at every MiB.
absl::StatusOr<std::string> Digest(const Observations& observations, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_OBSERVATIONS_CONVERSION_H_
