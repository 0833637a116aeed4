// The two macros that pass an error on to the caller.
//
//   RETURN_IF_ERROR(loader.Load(image));
//   ASSIGN_OR_RETURN(Image image, OpenImage(fd));
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define EMU_STATUS_CONCAT_INNER(a, b) a##b
#define EMU_STATUS_CONCAT(a, b) EMU_STATUS_CONCAT_INNER(a, b)

// Returns the status of `expression` from the enclosing function unless it is OK.
#define RETURN_IF_ERROR(expression)                                                       \
  do {                                                                                    \
    if (::absl::Status emu_status_ = (expression); !emu_status_.ok()) return emu_status_; \
  } while (false)

// Evaluates `expression`, a StatusOr; returns its status, or moves its value to `lhs`, which may
// declare a variable. Not for the body of an unbraced if: it is several statements.
#define ASSIGN_OR_RETURN(lhs, ...) \
  EMU_ASSIGN_OR_RETURN_INNER(EMU_STATUS_CONCAT(emu_status_or_, __LINE__), lhs, __VA_ARGS__)
#define EMU_ASSIGN_OR_RETURN_INNER(result, lhs, ...)   \
  auto result = (__VA_ARGS__);                         \
  if (!result.ok()) return std::move(result).status(); \
  lhs = *std::move(result)
