#include "kernels/statistics/misfit/added_terms.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/types/span.h"
#include "kernels/data/observations.h"
#include "kernels/data/residuals.h"
#include "kernels/law/fitted_law.h"
#include "kernels/law/law.h"
#include "kernels/law/loss.h"
#include "kernels/law/penalty.h"
#include "kernels/objective/normal_equations.h"
#include "kernels/statistics/numerics/distributions.h"
#include "kernels/statistics/numerics/symmetric_matrix.h"

namespace ctxfit {
namespace {

constexpr double kMinOwnShare = 1e-6;      // least share of a term's sum of squares that the coordinates cannot absorb
constexpr double kFlat = 1e-12;            // relative eigenvalue of J' W J below which a direction changes nothing
constexpr double kMaxLeverage = 0.999;     // largest leverage of a row or unit that is not alone
constexpr double kRelevantShare = 1e-9;    // least share of a term's sum of squares in a row that is relevant to it
constexpr double kMinFreedom = 1;          // fewest degrees of freedom of a test
constexpr double kBinomialScatter = 0.05;  // p-value from which scatter is binomial
constexpr double kMaxStatistic = 1e9;      // bound on the statistic of units that do not vary at all

double Dot(const double* a, const double* b) {
  double sum = 0;
  for (int i = 0; i < kCoordinateCount; ++i) sum += a[i] * b[i];
  return sum;
}

// The two-sided p-value of Student's t.
TermTest MakeTest(double statistic, double degrees_of_freedom) {
  const double bounded = std::clamp(statistic, -kMaxStatistic, kMaxStatistic);
  const double p = std::isinf(degrees_of_freedom) ? 2 * NormalProbability(-std::abs(bounded))
                                                  : FTailProbability(bounded * bounded, 1, degrees_of_freedom);
  return {bounded, degrees_of_freedom, p};
}

}  // namespace

// A row with its residual and the derivatives of its loss.
struct AddedTerms::Row {
  std::size_t combination;
  std::size_t row;
  double weight;
  double residual;
  LossTerms<double> terms;
  double curvature;  // expected curvature of the loss
};

// The regression of a term on the fitted coordinates.
struct AddedTerms::Projection {
  double of_metric[kCoordinateCount];  // H^-1 by_coordinate: the coordinates' part of the pull
  double of_refit[kCoordinateCount];   // H^-1 by_curvature: how the coordinates move once the term is added
  double square;                       // sum of squares of the term that the coordinates do not explain
};

template <class Visit>
void AddedTerms::VisitRows(const Visit& visit) const {
  VisitResiduals(observations_, expected_, [&](std::size_t k, std::size_t row, double residual) {
    const LossTerms<double> terms = MeasureFullLoss(loss_, observations_.score[row], expected_[k]);
    visit(Row{k, row, observations_.WeightOf(row), residual, terms, FisherCurvature(loss_.loss, terms)});
  });
}

AddedTerms::AddedTerms(const Observations& observations, const Law& law, const std::vector<double>& expected,
                       const LossRule& loss, const bool* free_set)
    : observations_(observations), expected_(expected), loss_(loss) {
  Linearize(law);
  const std::size_t count = expected.size();
  for (std::vector<double>* column : {&weight_, &residual_, &pull_, &curvature_}) column->assign(count, 0);
  VisitRows([&](const Row& row) {
    weight_[row.combination] += row.weight;
    residual_[row.combination] += row.weight * row.residual;
    pull_[row.combination] += row.weight * row.terms.half_gradient;
    curvature_[row.combination] += row.weight * row.curvature;
  });
  for (const double weight : weight_) total_weight_ += weight;
  Invert(free_set);
  MeasureLeverages();
}

// Fills in the gradients of all combinations, which are in the order of their prompt lengths.
void AddedTerms::Linearize(const Law& law) {
  const Point& point = law.point;
  std::vector<Saturation<double>> compute_factors;
  std::vector<double> log_compute;
  for (const double compute : observations_.levels.compute) {
    log_compute.push_back(std::log(compute / law.references.compute_flops));
    compute_factors.push_back(ComputeFactorWithSlope(point, log_compute.back()));
  }
  const double floor = point.at[kFloor];
  const double span = SpanOf(point);
  const double onset_ratio = std::exp(point.at[kLogPenaltyOnset]);
  const double inverse_width = std::exp(-point.at[kLogPenaltyWidth]);
  gradients_.resize(expected_.size() * kCoordinateCount);
  for (std::size_t k = 0; k < expected_.size(); ++k) {
    const Covariates& covariates = observations_.covariates[k];
    const double log_prompt = std::log(covariates.prompt / law.references.prompt_tokens);
    const std::int32_t level = observations_.levels.level_of[k];
    const PenaltySlopes<double> penalty =
        PenalizeWithSlopes(MakeExcess(law.penalty, covariates.prompt, covariates.limit), onset_ratio, inverse_width);
    double gradient[kCoordinateCount];
    ScoreWithGradient(compute_factors[level], ContextFactorWithSlope(point, log_prompt), penalty, floor, span,
                      gradient);
    gradient[kComputeExponent] = gradient[kLogComputeCoefficient] * log_compute[level];
    gradient[kContextExponent] = gradient[kLogContextCoefficient] * log_prompt;
    std::copy_n(gradient, kCoordinateCount, gradients_.data() + k * kCoordinateCount);
  }
}

// Inverts J' W J over `free_set`, scaled to a unit diagonal, in the directions that change predictions.
void AddedTerms::Invert(const bool* free_set) {
  NormalEquations equations{};
  for (std::size_t k = 0; k < expected_.size(); ++k) {
    double gradient[kCoordinateCount];
    std::copy_n(gradients_.data() + k * kCoordinateCount, kCoordinateCount, gradient);
    AddGradient(gradient, pull_[k], curvature_[k], equations);
  }
  std::vector<int> used;
  for (const int i : FreeCoordinates(free_set)) {
    if (equations.jtj[PackedIndex(i, i)] > 0) used.push_back(i);
  }
  if (used.empty()) return;
  const auto size = static_cast<int>(used.size());
  const auto scale = [&](int i) { return std::sqrt(equations.jtj[PackedIndex(used[i], used[i])]); };
  std::vector<double> scaled = DenseMatrix(equations, used);
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) scaled[i * size + j] /= scale(i) * scale(j);
  }
  const EigenDecomposition eigen = DecomposeSymmetric(scaled, size);
  for (int e = 0; e < size; ++e) {
    if (!(eigen.values[e] > kFlat * eigen.values.back())) continue;
    ++fitted_count_;
    const double* vector = eigen.vectors.data() + static_cast<std::ptrdiff_t>(e) * size;
    for (int i = 0; i < size; ++i) {
      for (int j = 0; j < size; ++j) {
        inverse_[used[i] * kCoordinateCount + used[j]] +=
            vector[i] * vector[j] / (eigen.values[e] * scale(i) * scale(j));
      }
    }
  }
}

// Computes g' (J' W J)^-1 g at the gradient g of each combination: times w c, the leverage of a row on its prediction.
void AddedTerms::MeasureLeverages() {
  leverage_.resize(expected_.size());
  for (std::size_t k = 0; k < expected_.size(); ++k) {
    const double* gradient = gradients_.data() + k * kCoordinateCount;
    for (int i = 0; i < kCoordinateCount; ++i) {
      leverage_[k] += gradient[i] * Dot(inverse_ + i * kCoordinateCount, gradient);
    }
  }
}

void AddedTerms::Add(std::size_t combination, double z, TermSums& sums) const {
  if (z == 0) return;
  const bool by_loss = sums.metric == TermMetric::kLoss;
  const double kappa = by_loss ? curvature_[combination] : weight_[combination];
  sums.pull += z * (by_loss ? pull_[combination] : residual_[combination]);
  sums.weight += std::abs(z) * weight_[combination];
  sums.square += kappa * z * z;
  const double* gradient = gradients_.data() + combination * kCoordinateCount;
  for (int i = 0; i < kCoordinateCount; ++i) {
    sums.by_coordinate[i] += kappa * z * gradient[i];
    sums.by_curvature[i] += curvature_[combination] * z * gradient[i];
  }
}

TermSums AddedTerms::Sum(const Term& term, TermMetric metric) const {
  TermSums sums{metric};
  for (std::size_t k = 0; k < expected_.size(); ++k) Add(k, term(k), sums);
  return sums;
}

AddedTerms::Projection AddedTerms::Project(const TermSums& sums) const {
  Projection projection{};
  for (int i = 0; i < kCoordinateCount; ++i) {
    projection.of_metric[i] = Dot(inverse_ + i * kCoordinateCount, sums.by_coordinate);
    projection.of_refit[i] = Dot(inverse_ + i * kCoordinateCount, sums.by_curvature);
  }
  projection.square = sums.square - Dot(sums.by_coordinate, projection.of_refit);
  return projection;
}

std::optional<TermSize> AddedTerms::SizeOf(const TermSums& sums) const {
  const double square = Project(sums).square;
  if (!(square > kMinOwnShare * sums.square)) return std::nullopt;
  const double estimate = sums.pull / square;
  if (!std::isfinite(estimate * sums.pull)) return std::nullopt;
  return TermSize{estimate, std::abs(estimate) * std::sqrt(square / total_weight_), estimate * sums.pull};
}

std::optional<TermTest> AddedTerms::Test(const Term& term, const TermSums& sums, ErrorModel errors) const {
  if (!SizeOf(sums)) return std::nullopt;
  if (errors == ErrorModel::kBinomial) return TestBinomial(term, sums);
  std::optional<TermTest> test = TestByUnit(term, sums, observations_.unit, observations_.unit_count);
  if (!test || observations_.unit_2.empty()) return test;
  const std::optional<TermTest> second = TestByUnit(term, sums, observations_.unit_2, observations_.unit_2_count);
  if (!second) return std::nullopt;
  return test->p_value > second->p_value ? test : second;
}

std::optional<TermTest> AddedTerms::TestByUnit(const Term& term, const TermSums& sums,
                                               const std::vector<std::int32_t>& unit, std::int32_t unit_count) const {
  if (unit_count - fitted_count_ < 2) return std::nullopt;
  const Projection projection = Project(sums);
  const double estimate = sums.pull / projection.square;
  std::vector<double> part(unit_count);   // part of the efficient score about the fitted term, by unit
  std::vector<double> share(unit_count);  // share of projection.square, by unit
  double relevant = 0;                    // rows relevant to the term, less the fitted coordinates that they determine
  VisitRows([&](const Row& row) {
    const double z = term(row.combination);
    const double* gradient = gradients_.data() + row.combination * kCoordinateCount;
    const bool by_loss = sums.metric == TermMetric::kLoss;
    const double absorbed = Dot(projection.of_metric, gradient);
    const double left = z - Dot(projection.of_refit, gradient);
    const double pull = (by_loss ? row.terms.half_gradient : row.residual) * z - absorbed * row.terms.half_gradient;
    const double square = row.weight * ((by_loss ? row.curvature : 1) * z - row.curvature * absorbed) * left;
    const double leverage = std::min(row.weight * row.curvature * leverage_[row.combination], kMaxLeverage);
    if (std::abs(square) > kRelevantShare * projection.square) relevant += 1 - leverage;
    part[unit[row.row]] += (row.weight * pull - estimate * square) / (1 - leverage);
    share[unit[row.row]] += square / projection.square;
  });
  double variance = 0;
  double squared_shares = 0;
  for (std::int32_t u = 0; u < unit_count; ++u) {
    const double leverage = std::clamp(share[u], 0.0, 1.0);
    squared_shares += leverage * leverage;
    if (leverage > kMaxLeverage) return std::nullopt;
    variance += std::pow(part[u] / (1 - leverage), 2);
  }
  const double freedom = std::min(1 / squared_shares, relevant) - 1;
  if (!(freedom >= kMinFreedom)) return std::nullopt;
  return MakeTest(sums.pull / std::sqrt(std::max(variance, std::numeric_limits<double>::min())), freedom);
}

double BinomialVariance(double expected, double count) {
  const double p = (expected * count + 1) / (count + 2);
  return p * (1 - p);
}

BinomialScatter AddedTerms::MeasureScatter() const {
  double chi_square = 0;
  double residual_square = 0;
  double score = 0;
  double score_square = 0;
  VisitRows([&](const Row& row) {
    const double observed = expected_[row.combination] + row.residual;
    const double square = row.weight * row.residual * row.residual;
    chi_square += square / BinomialVariance(expected_[row.combination], row.weight);
    residual_square += square;
    score += row.weight * observed;
    score_square += row.weight * observed * observed;
  });
  return {chi_square, residual_square / total_weight_,
          residual_square < 0.5 * (score_square - score * score / total_weight_)};
}

std::optional<TermTest> AddedTerms::TestBinomial(const Term& term, const TermSums& sums) const {
  const Projection projection = Project(sums);
  double variance = 0;
  VisitRows([&](const Row& row) {
    const double* gradient = gradients_.data() + row.combination * kCoordinateCount;
    const double kappa = sums.metric == TermMetric::kLoss ? row.curvature : 1;
    const double left = kappa * term(row.combination) - row.curvature * Dot(projection.of_metric, gradient);
    variance += row.weight * left * left * BinomialVariance(expected_[row.combination], row.weight);
  });
  const double statistic = sums.pull / std::sqrt(std::max(variance, std::numeric_limits<double>::min()));
  // Rows that scatter more than binomial ones, about the term as well, are tested against their own scatter, unless the
  // law explains so little of the scores that what looks like scatter may be its error.
  const BinomialScatter scatter = MeasureScatter();
  const double rest = std::max(0.0, scatter.chi_square - statistic * statistic);
  const int freedom = static_cast<int>(observations_.size()) - fitted_count_ - 1;
  if (freedom < 1 || !scatter.law_explains_most || ChiSquareTailProbability(rest, freedom) >= kBinomialScatter) {
    return MakeTest(statistic, std::numeric_limits<double>::infinity());
  }
  return MakeTest(statistic / std::sqrt(rest / freedom), freedom);
}

}  // namespace ctxfit
