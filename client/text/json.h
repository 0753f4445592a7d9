#ifndef CTXFIT_CLIENT_TEXT_JSON_H_
#define CTXFIT_CLIENT_TEXT_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "ctxfit/v1/fitting_service.pb.h"
#include "google/protobuf/message.h"

namespace ctxfit {

// Formats a message as indented proto JSON with the proto's own field names; an array of plain values takes one line.
// Ends with a newline.
std::string ToJson(const google::protobuf::Message& message);

// Reads a FitResponse from the proto JSON in a file ("-": standard input). Unknown fields are skipped. INVALID_ARGUMENT
// if the file cannot be read, is not a FitResponse, or contains no fit.
absl::StatusOr<v1::FitResponse> ReadFitResponse(const std::string& path);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_JSON_H_
