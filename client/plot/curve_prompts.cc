#include "client/plot/curve_prompts.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ctxfit/v1/law.pb.h"

namespace ctxfit {

std::vector<double> CurvePrompts(double low, double high, const v1::Parameters& parameters, double limit) {
  constexpr int kSteps = 120;
  std::vector<double> prompts;
  for (int i = 0; i <= kSteps; ++i) prompts.push_back(low * std::pow(high / low, i / double{kSteps}));
  const double onset = parameters.penalty_onset_ratio() * limit + parameters.penalty_lag_tokens();
  const double width = parameters.has_penalty_width_ratio() ? parameters.penalty_width_ratio() * limit
                                                            : parameters.penalty_width_tokens();
  for (double z = -8; z <= 8 && width > 0; z += 0.5) {
    const double prompt = onset + z * width;
    if (prompt > low && prompt < high) prompts.push_back(prompt);
  }
  std::sort(prompts.begin(), prompts.end());
  return prompts;
}

}  // namespace ctxfit
