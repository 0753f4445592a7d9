#include "server/default_options.h"

#include "kernels/law/options.h"
#include "server/wire/options_conversion.h"

namespace ctxfit {

v1::FitOptions DefaultFitOptions() {
  const FitOptions defaults;
  v1::FitOptions converted = ToProto(defaults, v1::BACKEND_AUTO);
  converted.set_huber_threshold(defaults.loss.threshold);
  return converted;
}

}  // namespace ctxfit
