#ifndef CTXFIT_SERVER_WIRE_OBSERVATIONS_CONVERSION_H_
#define CTXFIT_SERVER_WIRE_OBSERVATIONS_CONVERSION_H_

#include <google/protobuf/io/coded_stream.h>

#include <string>

#include "absl/status/statusor.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/observations.h"

namespace ctxfit {

// Reads a serialised ctxfit.v1.Observations, up to the limit of `wire`, and appends its columns to `table`, which
// Validate() of kernels/data/valid_table.h checks. False where the bytes are not such a message. Labels go straight
// into their columns: as fields of a message, hundreds of thousands of them would each be a string of their own.
bool ParseObservations(google::protobuf::io::CodedInputStream& wire, ObservationTable& table);

// Returns the SHA-256, in hexadecimal, of a task's columns in canonical order: the same for the same rows in any order.
// Errors: those of `stop`, which is looked at every MiB.
absl::StatusOr<std::string> Digest(const Observations& observations, const StopSignal& stop);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_OBSERVATIONS_CONVERSION_H_
