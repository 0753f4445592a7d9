#ifndef CTXFIT_SERVER_WIRE_PARSED_SIZE_H_
#define CTXFIT_SERVER_WIRE_PARSED_SIZE_H_

#include <google/protobuf/io/zero_copy_stream.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <optional>

namespace ctxfit {

// Returns a bound on the memory that a message takes once it is parsed, from a look at its tags: a list of empty
// messages is some ninety times as large in memory as on the wire. Unset if the bytes are malformed; what is
// well-formed so far may still be no message.
std::optional<std::int64_t> ParsedSize(google::protobuf::io::ZeroCopyInputStream& bytes,
                                       const google::protobuf::Descriptor& type);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_PARSED_SIZE_H_
