#define BOOST_STACKTRACE_USE_ADDR2LINE
#include "tests/gpu/emulator/symbols.h"

#include <boost/stacktrace/frame.hpp>

namespace ctxfit::emulator {

std::string NameOfFunction(const void* function) {
  std::string name = boost::stacktrace::frame(function).name();
  const std::string unnamed = "(anonymous namespace)::";
  for (std::size_t at = name.find(unnamed); at != std::string::npos; at = name.find(unnamed)) {
    name.erase(at, unnamed.size());
  }
  // The parameters are the last pair of parentheses.
  int depth = 0;
  for (std::size_t at = name.size(); at-- > 0;) {
    if (name[at] == ')') ++depth;
    if (name[at] == '(' && --depth == 0) return name.substr(0, at);
  }
  return name;
}

std::string LineOf(const void* caller) {
  // The address behind the call may belong to the next line.
  const boost::stacktrace::frame frame(static_cast<const char*>(caller) - 1);
  const std::string path = frame.source_file();
  return path.substr(path.rfind('/') + 1) + ":" + std::to_string(frame.source_line());
}

}  // namespace ctxfit::emulator
