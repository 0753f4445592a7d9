#include "server/wire/version.h"

namespace ctxfit {

std::string Version() { return CTXFIT_VERSION; }

}  // namespace ctxfit
