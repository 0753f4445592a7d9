#ifndef CTXFIT_SERVER_OBSERVATIONS_CONVERSION_H_
#define CTXFIT_SERVER_OBSERVATIONS_CONVERSION_H_

#include <string>

#include "ctxfit/v1/observations.pb.h"
#include "kernels/observations.h"

namespace ctxfit {

// The columns of a message. Validate() of kernels/observations.h checks them.
ObservationTable FromProto(const v1::Observations& observations);

// SHA-256, in hexadecimal, of a task's columns in canonical order: the same for the same rows in any order.
std::string Digest(const Observations& observations);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVATIONS_CONVERSION_H_
