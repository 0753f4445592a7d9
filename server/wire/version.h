#ifndef CTXFIT_SERVER_WIRE_VERSION_H_
#define CTXFIT_SERVER_WIRE_VERSION_H_

#include <string>

namespace ctxfit {

// Returns the version of ctxfit, as "0.1.0".
std::string Version();

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_WIRE_VERSION_H_
