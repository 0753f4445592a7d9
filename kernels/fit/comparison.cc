#include "kernels/fit/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "kernels/base/status_macros.h"
#include "kernels/data/cells.h"
#include "kernels/fit/concurrent_tasks.h"
#include "kernels/fit/fit.h"
#include "kernels/fit/group_fit.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/loss_rule.h"
#include "kernels/law/parameters.h"
#include "kernels/law/penalty.h"
#include "kernels/predict/predictions.h"
#include "kernels/statistics/intervals/intervals.h"

namespace ctxfit {
namespace {

std::int64_t CountShared(const std::array<GroupFit, 2>& groups) {
  std::vector<std::int32_t> shared;
  std::set_intersection(groups[0].units.begin(), groups[0].units.end(), groups[1].units.begin(), groups[1].units.end(),
                        std::back_inserter(shared));
  return static_cast<std::int64_t>(shared.size());
}

// Computes the differences between the laws of two groups, and their uncertainty.
class Comparer {
 public:
  Comparer(const Observations& both, const std::array<GroupFit, 2>& groups, const TaskFit& pooled,
           const FitOptions& options, bool share_units)
      : groups_(groups),
        pooled_(pooled),
        share_units_(share_units),
        domain_(MakeDomain(OptionsForTask(options, both.task))),
        options_(options) {
    for (const GroupFit& group : groups) {
      if (no_interval_reason_.empty()) no_interval_reason_ = group.no_interval_reason;
    }
  }

  std::vector<ParameterDifference> Parameters() const {
    std::vector<ParameterDifference> differences;
    for (int i = 0; i < kCoordinateCount; ++i) {
      if (domain_.free[i]) differences.push_back(CompareParameter(static_cast<Coordinate>(i)));
    }
    return differences;
  }

  absl::StatusOr<std::vector<PredictionDifference>> Predictions(const PredictionPoints& points,
                                                                const StopSignal& stop) const {
    std::vector<PredictionDifference> differences;
    for (std::size_t i = 0; i < points.size(); ++i) {
      CTXFIT_RETURN_IF_ERROR(stop.Check());
      differences.push_back(ComparePrediction(points.compute[i], points.prompt[i], points.limit[i]));
    }
    return differences;
  }

  // Wald test by the covariance of the replicates' differences in the coordinates that both groups determine.
  LawTest Wald() const {
    if (!no_interval_reason_.empty()) return {{}, no_interval_reason_};
    std::vector<Coordinate> tested;
    for (int i = 0; i < kCoordinateCount; ++i) {
      const auto coordinate = static_cast<Coordinate>(i);
      if (domain_.free[i] && Unidentified(coordinate).empty() && Spreads(coordinate)) tested.push_back(coordinate);
    }
    if (tested.empty()) return {{}, "no parameter is determined in both groups and differs between their replicates"};
    const auto difference = [&](const Point& first, const Point& second) {
      std::vector<double> numbers;
      for (const Coordinate coordinate : tested) numbers.push_back(second.at[coordinate] - first.at[coordinate]);
      return numbers;
    };
    const std::vector<Point>& first = groups_[0].common.replicates;
    const std::vector<Point>& second = groups_[1].common.replicates;
    std::vector<std::vector<double>> replicates;
    for (std::size_t b = 0; b < first.size(); ++b) replicates.push_back(difference(first[b], second[b]));
    const std::vector<double> estimate = difference(groups_[0].common.law.point, groups_[1].common.law.point);
    const Expansion expansion = ExpansionOfCovariance(tested);
    const std::optional<FTest> test = TestIsZero(estimate, replicates, expansion.freedom, expansion.inflation);
    if (test) return {test, ""};
    return {{},
            absl::StrFormat(
                "the covariance of %d parameters cannot be estimated from %.3g degrees of freedom and %d replicates",
                tested.size(), expansion.freedom, replicates.size())};
  }

  // F test by the sums of squared residuals. Restrictions: the directions that the observations determine of two
  // separate laws, less those that they determine of one law.
  LawTest F() const {
    if (!TraitsOf(options_.loss.loss).is_sum_of_squares) return {{}, "the F test needs the squared loss"};
    const int separate = DirectionCount(groups_[0].fit) + DirectionCount(groups_[1].fit);
    const int restrictions = separate - DirectionCount(pooled_);
    const auto left = static_cast<double>(pooled_.goodness.record_count - separate);
    const double sse = groups_[0].fit.goodness.sse + groups_[1].fit.goodness.sse;
    if (restrictions <= 0) return {{}, "two laws fit no more parameters here than one"};
    if (left <= 0) return {{}, absl::StrCat(pooled_.goodness.record_count, " records leave none to compare with")};
    if (!(sse > 0)) return {{}, "both laws fit exactly"};
    return {CompareSse(pooled_.goodness.sse, sse, restrictions, left), ""};
  }

 private:
  std::string Unidentified(Coordinate coordinate) const {
    for (int i = 0; i < 2; ++i) {
      const std::string reason = WhyUndetermined(groups_[i], coordinate);
      if (!reason.empty()) return absl::StrCat(i == 0 ? "first" : "second", " group: ", reason);
    }
    return "";
  }

  // The expansion of the covariance of the replicates' differences, with n - 1 degrees of freedom in either group.
  // Where the groups share units, their covariances are not independent: that of the group with fewer units. Otherwise
  // both are combined by the first group's mean share in the variances of the tested coordinates.
  Expansion ExpansionOfCovariance(const std::vector<Coordinate>& tested) const {
    std::array<Expansion, 2> of_group;
    for (int g = 0; g < 2; ++g) {
      const EffectiveUnits& units = groups_[g].fit.bootstrap.units;
      of_group[g] = {units.count - 1, ExpansionOf(units).inflation};
    }
    const auto& [a, b] = of_group;
    if (share_units_) return a.freedom < b.freedom ? a : b;
    double share = 0;
    for (const Coordinate coordinate : tested) {
      const double first = VarianceOf(groups_[0], coordinate);
      share += first / (first + VarianceOf(groups_[1], coordinate)) / static_cast<double>(tested.size());
    }
    return Combine(a, share, b);
  }

  static double VarianceOf(const GroupFit& group, Coordinate coordinate) {
    const double deviation = DeviationOf(group.common.replicates, coordinate);
    return deviation * deviation;
  }

  // True if the replicates' differences are not all equal, up to rounding.
  bool Spreads(Coordinate coordinate) const {
    const auto difference = [&](std::size_t b) {
      return groups_[1].common.replicates[b].at[coordinate] - groups_[0].common.replicates[b].at[coordinate];
    };
    for (std::size_t b = 1; b < groups_[0].common.replicates.size(); ++b) {
      if (std::abs(difference(b) - difference(0)) > kRoundingWidth) return true;
    }
    return false;
  }

  // The number of directions of the coordinates along which the observations of a fit determine the law.
  int DirectionCount(const TaskFit& fit) const {
    int count = 0;
    for (int i = 0; i < kCoordinateCount; ++i) count += domain_.free[i] && !fit.diagnostics.held[i];
    return count;
  }

  // The difference between value(point) in the two groups, with its interval if `with_interval` and unless that is
  // rounding. `logarithmic`: the values are > 0 and of any magnitude.
  template <class Value>
  Difference Compare(const Value& value, bool logarithmic, bool with_interval) const {
    Difference result = {value(groups_[0].common.law.point), value(groups_[1].common.law.point), 0, {}, {}};
    result.difference = result.second - result.first;
    if (!with_interval) return result;
    std::array<std::vector<double>, 2> values;
    std::vector<double> differences;
    for (std::size_t b = 0; b < groups_[0].common.replicates.size(); ++b) {
      for (int g = 0; g < 2; ++g) values[g].push_back(value(groups_[g].common.replicates[b]));
      differences.push_back(values[1][b] - values[0][b]);
    }
    result.standard_error = StandardDeviation(differences);
    const EffectiveUnits units = UnitsOfDifferenceOf(StandardDeviation(values[0]), StandardDeviation(values[1]));
    const Range interval =
        PercentileInterval(differences, ExpandedTail(options_.bootstrap.confidence, units, differences.size()));
    const double scale = logarithmic ? std::max(result.first, result.second) : 1;
    if (interval.upper - interval.lower > kRoundingWidth * scale) {
      result.interval = Holding(interval, result.difference);
    }
    return result;
  }

  // The effective units of a difference of numbers that have these standard deviations in their groups' replicates.
  EffectiveUnits UnitsOfDifferenceOf(double first, double second) const {
    const EffectiveUnits& a = groups_[0].fit.bootstrap.units;
    const EffectiveUnits& b = groups_[1].fit.bootstrap.units;
    if (share_units_ || !(first + second > 0)) return a.count - a.fitted < b.count - b.fitted ? a : b;
    return UnitsOfDifference(a, first * first, b, second * second);
  }

  ParameterDifference CompareParameter(Coordinate coordinate) const {
    const Penalty& penalty = pooled_.law.penalty;
    const auto value = [&](const Point& point) { return ToParameter(coordinate, point.at[coordinate], penalty); };
    ParameterDifference result;
    result.name = std::string(ParameterName(coordinate, penalty.form));
    result.reason = Unidentified(coordinate);
    if (result.reason.empty()) result.reason = no_interval_reason_;
    result.values = Compare(value, IsLogarithm(coordinate), result.reason.empty());
    if (result.reason.empty() && !result.values.interval) {
      result.reason = "no spread: nearly all replicates have the same difference";
      result.values.standard_error.reset();
    }
    return result;
  }

  PredictionDifference ComparePrediction(double compute, double prompt, double limit) const {
    bool determined = true;
    bool extrapolated = false;
    bool withheld = false;
    for (const GroupFit& group : groups_) {
      determined = determined && IsDetermined(group.common, compute, prompt, limit);
      const Extrapolation extrapolation = FindExtrapolation(group.common, compute, prompt, limit);
      extrapolated = extrapolated || extrapolation;
      withheld = withheld || WhyWithheld(group.common, extrapolation);
    }
    const LawAt score(groups_[0].common.law, compute, prompt, limit);
    PredictionDifference result = {Compare(score, false, determined && !withheld && no_interval_reason_.empty()),
                                   determined, extrapolated};
    result.values.standard_error.reset();
    return result;
  }

  const std::array<GroupFit, 2>& groups_;
  const TaskFit& pooled_;
  const bool share_units_;
  const Domain domain_;
  const FitOptions& options_;
  std::string no_interval_reason_;
};

absl::StatusOr<Comparison> CompareTask(Backend& backend, const Observations& both, const ComparisonOptions& options,
                                       const StopSignal& stop) {
  // A group is fitted at its own scales, where its coefficients are known best. A fixed coefficient, though, means the
  // same law in both groups only at a common scale.
  FitOptions fit_options = options.fit;
  const References references = ChooseReferences(both, fit_options);
  const auto& parameters = fit_options.parameters;
  if (parameters[kLogComputeCoefficient].fixed) fit_options.compute_reference_flops = references.compute_flops;
  if (parameters[kLogContextCoefficient].fixed) fit_options.prompt_reference_tokens = references.prompt_tokens;

  std::array<GroupFit, 2> groups;
  for (std::int32_t i = 0; i < 2; ++i) {
    CTXFIT_ASSIGN_OR_RETURN(groups[i], FitGroup(backend, both, i, references, fit_options, stop));
  }
  CTXFIT_ASSIGN_OR_RETURN(TaskFit pooled, FitTask(backend, both, WithoutIntervals(fit_options), stop));

  Comparison comparison;
  const std::int64_t shared_count = both.clustered ? CountShared(groups) : 0;
  const Comparer comparer(both, groups, pooled, fit_options, shared_count > 0);
  comparison.parameters = comparer.Parameters();
  CTXFIT_ASSIGN_OR_RETURN(comparison.predictions, comparer.Predictions(options.points, stop));
  comparison.wald = comparer.Wald();
  comparison.f = comparer.F();
  comparison.shared_unit_count = shared_count;
  for (int i = 0; i < 2; ++i) comparison.groups[i] = std::move(groups[i].fit);
  comparison.pooled = std::move(pooled);
  return comparison;
}

}  // namespace

absl::StatusOr<std::vector<Comparison>> CompareGroups(Backend& backend, const std::vector<Observations>& tasks,
                                                      const ComparisonOptions& options, const StopSignal& stop) {
  return FitConcurrently<Comparison>(backend, tasks, stop, [&](Backend& share, const Observations& both) {
    return CompareTask(share, both, options, stop);
  });
}

}  // namespace ctxfit
