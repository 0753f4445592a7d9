#include "kernels/search/starts.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <set>
#include <utility>

#include "kernels/data/cells.h"
#include "kernels/law/factor.h"

namespace ctxfit {
namespace {

double ClampTo(const Domain& domain, Coordinate coordinate, double value) {
  return std::clamp(value, domain.lower.at[coordinate], domain.upper.at[coordinate]);
}

// Shapes of a factor. Steps have one of three shapes, by the third of the data in which they lie.
enum FactorShape : int { kSaturated, kConstant, kPower, kStep, kSteep = kStep + 3, kFactorShapeCount = kSteep + 3 };

struct FactorCandidate {
  double coefficient;
  double exponent;
  int shape;
};

// Candidates for a factor over variables whose logarithms are `levels`, ascending.
class FactorCandidateList {
 public:
  FactorCandidateList(const Domain& domain, const Factor& factor, const std::vector<double>& levels)
      : domain_(domain), factor_(factor), lowest_(levels.front()), range_(levels.back() - levels.front()) {}

  std::vector<FactorCandidate> Make() {
    if (!domain_.free[factor_.coefficient] && !domain_.free[factor_.exponent]) {
      Add(domain_.lower.at[factor_.coefficient], domain_.lower.at[factor_.exponent], kConstant);
      return candidates_;
    }
    Add(domain_.upper.at[factor_.coefficient], 0.5, kSaturated);
    AddPower(0, kConstant);
    if (range_ > 0) {
      for (const double exponent : {0.25, 1.0}) AddPower(exponent, kPower);
      for (const double exponent : {2.0, 5.0, domain_.upper.at[factor_.exponent]}) AddSteps(exponent);
    }
    return candidates_;
  }

 private:
  void Add(double coefficient, double exponent, int shape) {
    candidates_.push_back(
        {ClampTo(domain_, factor_.coefficient, coefficient), ClampTo(domain_, factor_.exponent, exponent), shape});
  }

  // Adds powers of six values in the middle of the data, from 0.01 to 0.93.
  void AddPower(double exponent, int shape) {
    for (const double log_rate : {-4.5, -3.5, -2.5, -1.5, -0.5, 1.0}) {
      Add(log_rate - exponent * (lowest_ + range_ / 2), exponent, shape);
    }
  }

  // Adds steps whose rate is 1 in the middle of each sixth of the data. Where the bounds of the coefficient do not
  // allow that, the exponent gives way.
  void AddSteps(double exponent) {
    constexpr int kPlaces = 6;
    for (int k = 0; k < kPlaces; ++k) {
      const double place = lowest_ + range_ * (k + 0.5) / kPlaces;
      const double coefficient = ClampTo(domain_, factor_.coefficient, -exponent * place);
      const bool is_clamped = coefficient != -exponent * place;
      Add(coefficient, is_clamped ? -coefficient / place : exponent,
          (exponent > 2 && !domain_.factors_only() ? kSteep : kStep) + k / 2);
    }
  }

  const Domain& domain_;
  const Factor factor_;
  const double lowest_;
  const double range_;
  std::vector<FactorCandidate> candidates_;
};

constexpr int kWidths = 8;
constexpr int kOnsets = 64;
constexpr int kOnsetShapes = 8;

// The narrowest penalties are steps. Between any two observations their cost has a minimum.
constexpr int kStepOnsets = 256;
constexpr int kStepOnsetShapes = 16;

// Returns at most `count` onsets, as coordinates: they lie between neighbours of the cells' ratios of prompt to onset.
std::vector<double> Onsets(const Cells& cells, const Domain& domain, int count) {
  std::set<double> distinct;
  for (const Excess& excess : cells.excess)
    distinct.insert(ClampTo(domain, kLogPenaltyOnset, std::log(excess.prompt / excess.onset)));
  const std::vector<double> ratios(distinct.begin(), distinct.end());
  if (ratios.size() < 2) return ratios;
  const std::size_t gaps = ratios.size() - 1;
  const std::size_t used = std::min<std::size_t>(gaps, count);
  std::vector<double> onsets;
  for (std::size_t i = 0; i < used; ++i) {
    const std::size_t gap = (2 * i + 1) * gaps / (2 * used);
    onsets.push_back((ratios[gap] + ratios[gap + 1]) / 2);
  }
  return onsets;
}

}  // namespace

std::vector<Point> FlatStarts(const Domain& domain, const Point& best) {
  std::vector<Point> starts;
  const auto add = [&](Coordinate at_bound, double bound, Coordinate other, double level) {
    Point start = best;
    start.at[at_bound] = bound;
    start.at[other] = ClampTo(domain, other, level);
    starts.push_back(start);
  };
  for (const auto& [coefficient, exponent] : {kComputeFactor, kContextFactor}) {
    if (domain.free[exponent]) {
      for (const double level : {0.0, 1.0}) add(exponent, domain.lower.at[exponent], coefficient, level);
    }
    if (domain.free[coefficient]) {
      for (const double level : {0.5, 2.0}) add(coefficient, domain.upper.at[coefficient], exponent, level);
    }
  }
  return starts;
}

std::vector<Point> AsymptoteCorners(const Domain& domain, const Point& best) {
  std::vector<Point> corners;
  if (!domain.free[kFloor] || !domain.free[kHeadroom]) return corners;
  for (const Point& floor : {domain.lower, domain.upper}) {
    for (const Point& headroom : {domain.lower, domain.upper}) {
      Point& corner = corners.emplace_back(best);
      corner.at[kFloor] = floor.at[kFloor];
      corner.at[kHeadroom] = headroom.at[kHeadroom];
    }
  }
  return corners;
}

std::vector<StartCandidate> FactorCandidates(const Cells& cells, const Domain& domain, const Point& best) {
  const std::vector<FactorCandidate> of_compute = FactorCandidateList(domain, kComputeFactor, cells.log_compute).Make();
  const std::vector<FactorCandidate> of_context = FactorCandidateList(domain, kContextFactor, cells.log_prompt).Make();
  std::vector<StartCandidate> candidates;
  if (of_compute.size() == 1 && of_context.size() == 1) return candidates;
  for (const FactorCandidate& compute : of_compute) {
    for (const FactorCandidate& context : of_context) {
      candidates.push_back({best, compute.shape * kFactorShapeCount + context.shape});
      Point& point = candidates.back().point;
      point.at[kLogComputeCoefficient] = compute.coefficient;
      point.at[kComputeExponent] = compute.exponent;
      point.at[kLogContextCoefficient] = context.coefficient;
      point.at[kContextExponent] = context.exponent;
    }
  }
  return candidates;
}

std::vector<StartCandidate> PenaltyCandidates(const Cells& cells, const Domain& domain, const Point& best) {
  std::vector<StartCandidate> candidates;
  if (!domain.free[kLogPenaltyWidth] && !domain.free[kLogPenaltyOnset]) return candidates;
  const auto add = [&](double width, const std::vector<double>& onsets, int onset_shapes, int first_shape) {
    const int count = static_cast<int>(onsets.size());
    for (int k = 0; k < count; ++k) {
      candidates.push_back({best, first_shape + k * onset_shapes / count});
      candidates.back().point.at[kLogPenaltyWidth] = width;
      candidates.back().point.at[kLogPenaltyOnset] = onsets[k];
    }
  };
  const auto onsets = [&](int count) {
    return domain.free[kLogPenaltyOnset] ? Onsets(cells, domain, count)
                                         : std::vector<double>{best.at[kLogPenaltyOnset]};
  };
  const double lower = domain.lower.at[kLogPenaltyWidth];
  const double range = domain.upper.at[kLogPenaltyWidth] - lower;
  add(lower, onsets(kStepOnsets), kStepOnsetShapes, 0);
  if (range == 0) return candidates;
  for (int w = 1; w < kWidths; ++w) {
    const int band = 2 * (w - 1) / (kWidths - 1);
    add(ClampTo(domain, kLogPenaltyWidth, lower + range * w / (kWidths - 1)), onsets(kOnsets), kOnsetShapes,
        kStepOnsetShapes + band * kOnsetShapes);
  }
  return candidates;
}

std::vector<Point> BestOfEachShape(const std::vector<StartCandidate>& candidates, const std::vector<double>& costs) {
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return costs[a] < costs[b]; });
  std::set<int> shapes;
  std::vector<Point> best;
  for (const std::size_t i : order) {
    if (shapes.insert(candidates[i].shape).second) best.push_back(candidates[i].point);
  }
  return best;
}

}  // namespace ctxfit
