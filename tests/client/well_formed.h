#ifndef CTXFIT_TESTS_CLIENT_WELL_FORMED_H_
#define CTXFIT_TESTS_CLIENT_WELL_FORMED_H_

#include <expat.h>
#include <gtest/gtest.h>

#include <string>

namespace ctxfit {

// True if `text` is a well-formed XML document.
inline testing::AssertionResult IsWellFormed(const std::string& text) {
  XML_Parser parser = XML_ParserCreate(nullptr);
  const bool ok = XML_Parse(parser, text.data(), static_cast<int>(text.size()), 1) == XML_STATUS_OK;
  const XML_Error error = XML_GetErrorCode(parser);
  const auto line = XML_GetCurrentLineNumber(parser);
  XML_ParserFree(parser);
  if (ok) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "line " << line << ": " << XML_ErrorString(error);
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_CLIENT_WELL_FORMED_H_
