#include "kernels/predict/mean_band.h"

#include <cstddef>
#include <vector>

#include "kernels/base/status_macros.h"
#include "kernels/base/stop_signal.h"
#include "kernels/law/fitted_law.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/intervals.h"

namespace ctxfit {

absl::StatusOr<std::optional<Range>> BandOfMean(const PredictionSource& source, const LevelRows& rows,
                                                double confidence, const StopSignal& stop) {
  std::vector<double> means(source.replicates.size());
  for (const auto& [prompt, weight] : rows.weight_by_prompt) {
    CTXFIT_RETURN_IF_ERROR(stop.Check());
    if (!IsDetermined(source, rows.compute, prompt, rows.limit)) return std::nullopt;
    if (WhyWithheld(source, FindExtrapolation(source, rows.compute, prompt, rows.limit))) return std::nullopt;
    const LawAt score(source.law, rows.compute, prompt, rows.limit);
    for (std::size_t b = 0; b < means.size(); ++b) means[b] += weight / rows.weight * score(source.replicates[b]);
  }
  return PercentileInterval(means, ExpandedTail(confidence, source.units, means.size()));
}

}  // namespace ctxfit
