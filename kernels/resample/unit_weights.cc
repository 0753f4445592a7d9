#include "kernels/resample/unit_weights.h"

#include <algorithm>

#include "kernels/data/cells.h"
#include "kernels/law/resampling.h"
#include "kernels/resample/replicate_weights.h"
#include "kernels/resample/weight_scheme.h"

namespace ctxfit {
namespace {

// Number of units whose weights are drawn between two checks of the stop signal: their rows of the table stay in the
// cache from lane to lane.
constexpr std::int32_t kUnitsPerCheck = 4096;

// The units [begin, end), which are drawn by themselves.
struct Stratum {
  std::int32_t begin;
  std::int32_t end;
};

// Adds the draw of a unit to a column of weights: sets the unit's own weight, or counts the unit that is drawn instead.
void AddDraw(WeightKind kind, std::uint32_t word, std::int32_t unit, const Stratum& stratum, std::size_t stride,
             double* column) {
  switch (kind) {
    case WeightKind::kExponential:
      column[static_cast<std::size_t>(unit) * stride] = ExponentialWeight(word);
      break;
    case WeightKind::kPoisson:
      column[static_cast<std::size_t>(unit) * stride] = PoissonWeight(word);
      break;
    case WeightKind::kMultinomial: {
      const auto size = static_cast<std::uint32_t>(stratum.end - stratum.begin);
      const auto drawn = static_cast<std::size_t>(stratum.begin) + UniformBelow(word, size);
      column[drawn * stride] += 1;
      break;
    }
  }
}

// Draws for units [begin, end) of a stratum in one replicate.
void DrawRange(const WeightScheme& scheme, Purpose purpose, std::uint32_t replicate, std::int32_t begin,
               std::int32_t end, const Stratum& stratum, std::size_t stride, double* column) {
  RandomWords words{};
  for (std::int32_t unit = begin; unit < end; ++unit) {
    if (unit == begin || unit % 4 == 0) words = ReplicateWords(scheme.seed, replicate, unit / 4, purpose);
    AddDraw(scheme.kind, words.word[unit % 4], unit, stratum, stride, column);
  }
}

// Scales the weights of a stratum so that they sum to the number of its units.
void Normalize(const Stratum& stratum, std::size_t stride, double* column) {
  double sum = 0;
  for (std::int32_t unit = stratum.begin; unit < stratum.end; ++unit) {
    sum += column[static_cast<std::size_t>(unit) * stride];
  }
  const double scale = (stratum.end - stratum.begin) / sum;
  for (std::int32_t unit = stratum.begin; unit < stratum.end; ++unit) {
    column[static_cast<std::size_t>(unit) * stride] *= scale;
  }
}

bool DrawStratum(const WeightScheme& scheme, Purpose purpose, const Stratum& stratum, const WeightTable& table,
                 const StopSignal& stop) {
  for (std::int32_t begin = stratum.begin; begin < stratum.end; begin += kUnitsPerCheck) {
    if (!stop.Check().ok()) return false;
    const std::int32_t end = std::min(stratum.end, begin + kUnitsPerCheck);
    for (std::size_t lane = 0; lane < table.replicates.size(); ++lane) {
      DrawRange(scheme, purpose, table.replicates[lane], begin, end, stratum, table.stride, table.weights + lane);
    }
  }
  return true;
}

}  // namespace

bool DrawUnitWeights(const WeightScheme& scheme, Purpose purpose, std::int32_t count,
                     const std::vector<std::int32_t>& stratum_begin, const WeightTable& table, const StopSignal& stop) {
  std::fill_n(table.weights, static_cast<std::size_t>(count) * table.stride, 0.0);
  if (stratum_begin.empty()) return DrawStratum(scheme, purpose, {0, count}, table, stop);
  for (std::size_t s = 0; s + 1 < stratum_begin.size(); ++s) {
    const Stratum stratum{stratum_begin[s], stratum_begin[s + 1]};
    if (!DrawStratum(scheme, purpose, stratum, table, stop)) return false;
    if (scheme.kind == WeightKind::kMultinomial) continue;
    for (std::size_t lane = 0; lane < table.replicates.size(); ++lane) {
      Normalize(stratum, table.stride, table.weights + lane);
    }
  }
  return true;
}

std::vector<double> ReplicateCellWeights(const Cells& cells, const WeightScheme& scheme, std::uint32_t replicate,
                                         const StopSignal& stop) {
  std::vector<double> unit_weights(cells.unit_count);
  std::vector<double> unit_2_weights(cells.unit_2_count);
  if (!DrawUnitWeights(scheme, Purpose::kReplicateWeight, cells.unit_count, cells.stratum_begin,
                       {{&replicate, 1}, 1, unit_weights.data()}, stop) ||
      !DrawUnitWeights(scheme, Purpose::kSecondWeight, cells.unit_2_count, {},
                       {{&replicate, 1}, 1, unit_2_weights.data()}, stop)) {
    return {};
  }
  std::vector<double> weights = cells.weight;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] *= unit_weights[cells.unit[i]];
    if (!cells.unit_2.empty()) weights[i] *= unit_2_weights[cells.unit_2[i]];
  }
  return weights;
}

}  // namespace ctxfit
