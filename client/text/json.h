#ifndef CTXFIT_CLIENT_TEXT_JSON_H_
#define CTXFIT_CLIENT_TEXT_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "google/protobuf/message.h"

namespace ctxfit {

// A message as proto JSON with the proto's own field names, indented, arrays of plain values in one line each. Ends
// with a new line.
std::string ToJson(const google::protobuf::Message& message);

// Reads a FitResponse from the proto JSON in a file ("-": standard input). Fields that this version does not know are
// skipped. INVALID_ARGUMENT if the file cannot be read, is something else, or holds no fit.
absl::StatusOr<v1::FitResponse> ReadFitResponse(const std::string& path);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_JSON_H_
