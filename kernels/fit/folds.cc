#include "kernels/fit/folds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "kernels/data/compute_levels.h"
#include "kernels/data/observations.h"

namespace ctxfit {
namespace {

double ValueOf(const Covariates& covariates, FoldScheme scheme) {
  switch (scheme) {
    case FoldScheme::kCompute:
      return covariates.compute;
    case FoldScheme::kPrompt:
      return covariates.prompt;
    case FoldScheme::kLimit:
      return covariates.limit;
    case FoldScheme::kLevel:
    case FoldScheme::kGroup:
      break;
  }
  return 0;
}

// The least value of each base: values within 1 % of that count as one.
std::vector<double> BasesOf(const Observations& observations, FoldScheme scheme) {
  std::set<double> values;
  for (const Covariates& covariates : observations.covariates) values.insert(ValueOf(covariates, scheme));
  std::vector<double> bases;
  for (const double value : values) {
    if (bases.empty() || !CountAsOne(std::log(value), std::log(bases.back()))) bases.push_back(value);
  }
  return bases;
}

std::vector<double> DefaultCuts(const Observations& observations, FoldScheme scheme) {
  const std::vector<double> bases = BasesOf(observations, scheme);
  std::vector<double> cuts;
  if (scheme == FoldScheme::kPrompt) {
    if (bases.size() < 3) return {};
    for (double cut = std::exp2(std::ilogb(bases[1]) + 1); cut <= bases.back(); cut *= 2) cuts.push_back(cut);
  } else {
    const std::size_t skipped = std::min<std::size_t>(bases.size(), scheme == FoldScheme::kCompute ? 2 : 1);
    cuts.assign(bases.begin() + static_cast<std::ptrdiff_t>(skipped), bases.end());
  }
  if (cuts.size() <= kMaxCuts) return cuts;
  std::vector<double> chosen;
  for (int i = 0; i < kMaxCuts; ++i) chosen.push_back(cuts[(cuts.size() - 1) * i / (kMaxCuts - 1)]);
  return chosen;
}

// Deals the rows out: those of combinations that `is_held_out` are held out.
template <class IsHeldOut>
Fold Deal(const Observations& observations, const IsHeldOut& is_held_out) {
  Fold fold;
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    for (std::size_t row = observations.row_begin[k]; row < observations.row_begin[k + 1]; ++row) {
      (is_held_out(observations.covariates[k], row) ? fold.held_out : fold.fitted).push_back(row);
    }
  }
  return fold;
}

std::vector<Fold> FoldsByLevel(const Observations& observations) {
  std::vector<Fold> folds;
  for (const auto& level : ModelLevelsOf(observations)) {
    Fold& fold = folds.emplace_back(Deal(observations, [&level](const Covariates& covariates, std::size_t) {
      return covariates.compute == level.first && covariates.limit == level.second;
    }));
    fold.compute = level.first;
    fold.limit = level.second;
  }
  return folds;
}

std::vector<Fold> FoldsByGroup(const Observations& observations) {
  const std::set<std::int32_t> groups(observations.group.begin(), observations.group.end());
  std::vector<Fold> folds;
  for (const std::int32_t group : groups) {
    Fold& fold = folds.emplace_back(
        Deal(observations, [&](const Covariates&, std::size_t row) { return observations.group[row] == group; }));
    fold.group = group;
  }
  return folds;
}

std::vector<Fold> FoldsByCut(const Observations& observations, FoldScheme scheme, std::vector<double> cuts) {
  if (cuts.empty()) cuts = DefaultCuts(observations, scheme);
  std::vector<Fold> folds;
  for (const double cut : cuts) {
    Fold fold = Deal(observations,
                     [&](const Covariates& covariates, std::size_t) { return ValueOf(covariates, scheme) >= cut; });
    fold.cut = cut;
    const bool repeats = !folds.empty() && folds.back().held_out.size() == fold.held_out.size();
    if (!fold.held_out.empty() && !repeats) folds.push_back(std::move(fold));
  }
  return folds;
}

struct LogRange {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();

  void Add(double log_value) {
    least = std::min(least, log_value);
    greatest = std::max(greatest, log_value);
  }
  bool IsOneValue() const { return CountAsOne(least, greatest); }
  bool Reaches(const LogRange& other) const {
    return CountAsOne(least, other.least) && CountAsOne(greatest, other.greatest);
  }
};

LogRange RangeOf(const Observations& observations, const std::vector<std::size_t>& rows, double Covariates::*variable) {
  LogRange range;
  std::size_t k = 0;
  for (const std::size_t row : rows) {
    while (observations.row_begin[k + 1] <= row) ++k;
    range.Add(std::log(observations.covariates[k].*variable));
  }
  return range;
}

std::string WhyUnfit(const Observations& observations, const Fold& fold, bool uses_prompts) {
  if (fold.fitted.empty()) return "no record is left to fit";
  const auto lacks = [&](double Covariates::*variable) {
    const LogRange fitted = RangeOf(observations, fold.fitted, variable);
    return fitted.IsOneValue() && !fitted.Reaches(RangeOf(observations, fold.held_out, variable));
  };
  if (lacks(&Covariates::compute)) {
    return "the fitted records have one training compute, which says nothing of others";
  }
  if (uses_prompts && lacks(&Covariates::prompt)) {
    return "the fitted records have one prompt length, which says nothing of others";
  }
  return "";
}

}  // namespace

std::set<std::pair<double, double>> ModelLevelsOf(const Observations& observations) {
  std::set<std::pair<double, double>> levels;
  for (const Covariates& covariates : observations.covariates) levels.emplace(covariates.compute, covariates.limit);
  return levels;
}

bool IsPartition(FoldScheme scheme) {
  switch (scheme) {
    case FoldScheme::kLevel:
    case FoldScheme::kGroup:
      return true;
    case FoldScheme::kCompute:
    case FoldScheme::kPrompt:
    case FoldScheme::kLimit:
      return false;
  }
  return false;
}

double RangeDistance::both() const { return std::hypot(compute, prompt); }

FittedRange::FittedRange(const Observations& fitted) {
  LogRange compute;
  LogRange prompt;
  for (const Covariates& covariates : fitted.covariates) {
    compute.Add(std::log(covariates.compute));
    prompt.Add(std::log(covariates.prompt));
  }
  compute_ = {compute.least, compute.greatest};
  prompt_ = {prompt.least, prompt.greatest};
}

RangeDistance FittedRange::DistanceOf(double compute, double prompt) const {
  const auto distance = [](const Range& range, double value) {
    return std::max({0.0, range.lower - value, value - range.upper});
  };
  return {distance(compute_, std::log(compute)), distance(prompt_, std::log(prompt))};
}

std::vector<Fold> MakeFolds(const Observations& observations, FoldScheme scheme, const std::vector<double>& cuts,
                            bool uses_prompts) {
  std::vector<Fold> folds = scheme == FoldScheme::kLevel   ? FoldsByLevel(observations)
                            : scheme == FoldScheme::kGroup ? FoldsByGroup(observations)
                                                           : FoldsByCut(observations, scheme, cuts);
  for (Fold& fold : folds) fold.reason = WhyUnfit(observations, fold, uses_prompts);
  return folds;
}

}  // namespace ctxfit
