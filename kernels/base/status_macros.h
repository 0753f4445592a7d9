#ifndef CTXFIT_KERNELS_BASE_STATUS_MACROS_H_
#define CTXFIT_KERNELS_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function with `expression`, an absl::Status, unless it is OK.
#define CTXFIT_RETURN_IF_ERROR(expression)                                                          \
  do {                                                                                              \
    if (absl::Status returned_status = (expression); !returned_status.ok()) return returned_status; \
  } while (false)

// Assigns the value of `expression`, an absl::StatusOr, to `target`, which may be a declaration; returns from the
// enclosing function with its status if there is no value. One per line: the temporary is named by the line.
#define CTXFIT_ASSIGN_OR_RETURN(target, expression) \
  CTXFIT_ASSIGN_OR_RETURN_(CTXFIT_CONCATENATE_(status_or_, __LINE__), target, expression)

// `target` may be a declaration and `status_or` is a name: neither can stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define CTXFIT_ASSIGN_OR_RETURN_(status_or, target, expression) \
  auto status_or = (expression);                                \
  if (!status_or.ok()) return std::move(status_or).status();    \
  target = *std::move(status_or)
// NOLINTEND(bugprone-macro-parentheses)
#define CTXFIT_CONCATENATE_(a, b) CTXFIT_CONCATENATE_TOKENS_(a, b)
#define CTXFIT_CONCATENATE_TOKENS_(a, b) a##b

#endif  // CTXFIT_KERNELS_BASE_STATUS_MACROS_H_
