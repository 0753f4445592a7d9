#include "kernels/statistics/misfit/misfit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "kernels/data/observations.h"
#include "kernels/statistics/misfit/misfit_candidates.h"
#include "kernels/statistics/numerics/distributions.h"

namespace ctxfit {
namespace {

constexpr double kSignificance = 0.01;
constexpr double kNoticeable = 0.02;    // a residual that a planner would notice
constexpr double kShareOfSpread = 0.1;  // share of the scores' deviation that matters where they hardly differ
constexpr std::size_t kFewRows = 30;    // most rows that cannot show their own spread

// True of a pattern of residuals, false of a group of rows.
bool IsPattern(MisfitKind kind) {
  switch (kind) {
    case MisfitKind::kAllRows:
    case MisfitKind::kComputeGroup:
    case MisfitKind::kThird:
    case MisfitKind::kComputeGroupAndThird:
    case MisfitKind::kAtLimit:
    case MisfitKind::kBeyondLimit:
      return false;
    case MisfitKind::kPromptTrend:
    case MisfitKind::kPromptBend:
    case MisfitKind::kComputeTrend:
    case MisfitKind::kComputeBend:
    case MisfitKind::kFloor:
      return true;
  }
  return false;
}

// True if rows are so few that only the counts behind them give their errors, and have such counts.
bool HasBinomialErrors(const Observations& observations) {
  if (observations.clustered || observations.weight.empty() || !observations.score_variance.empty()) return false;
  if (observations.size() > kFewRows) return false;
  return std::all_of(observations.weight.begin(), observations.weight.end(),
                     [](double weight) { return weight > 1 && weight == std::floor(weight); });
}

// The smallest size of residuals that matters.
double NoticeableSize(const Observations& observations) {
  double weight = 0;
  double sum = 0;
  double squares = 0;
  for (std::size_t row = 0; row < observations.size(); ++row) {
    weight += observations.WeightOf(row);
    sum += observations.WeightOf(row) * observations.score[row];
    squares += observations.WeightOf(row) * observations.score[row] * observations.score[row];
  }
  const double variance = std::max(0.0, squares / weight - sum / weight * (sum / weight));
  return std::min(kNoticeable, std::max(1e-6, kShareOfSpread * std::sqrt(variance)));
}

// Chi-square of all rows; none if chance allows such a value or the excess over chance is too small to matter.
std::optional<ChiSquare> NotableChiSquare(const AddedTerms& terms, std::size_t row_count, double noticeable) {
  const BinomialScatter scatter = terms.MeasureScatter();
  const int freedom = static_cast<int>(row_count) - terms.fitted_count();
  if (freedom < 1 || ChiSquareTailProbability(scatter.chi_square, freedom) >= kSignificance) return std::nullopt;
  const double excess = std::max(0.0, 1 - freedom / scatter.chi_square) * scatter.mean_square;
  if (std::sqrt(excess) < noticeable) return std::nullopt;
  return ChiSquare{scatter.chi_square, freedom, scatter.law_explains_most};
}

// Holm's correction: keeps those of the `findings` that are significant among `count` tests, and sorts them, the one
// that explains most first.
void KeepSignificant(std::size_t count, std::vector<MisfitFinding>& findings) {
  std::sort(findings.begin(), findings.end(),
            [](const MisfitFinding& a, const MisfitFinding& b) { return a.p_value < b.p_value; });
  std::size_t kept = 0;
  while (kept < findings.size() && findings[kept].p_value <= kSignificance / static_cast<double>(count - kept)) ++kept;
  findings.resize(kept);
  std::sort(findings.begin(), findings.end(),
            [](const MisfitFinding& a, const MisfitFinding& b) { return a.explained > b.explained; });
}

}  // namespace

bool Misfit::Has(MisfitKind kind) const {
  return std::any_of(findings.begin(), findings.end(),
                     [kind](const MisfitFinding& finding) { return finding.kind == kind; });
}

Misfit FindMisfit(const AddedTerms& terms, const Observations& observations, bool floor_is_fitted) {
  const double noticeable = NoticeableSize(observations);
  const ErrorModel errors = HasBinomialErrors(observations) ? ErrorModel::kBinomial : ErrorModel::kByUnit;
  Misfit misfit;
  std::size_t count = 0;
  for (const MisfitCandidate& candidate : ListMisfitCandidates(terms, observations)) {
    if (candidate.kind == MisfitKind::kFloor && floor_is_fitted) continue;
    const std::optional<TermSize> size = terms.SizeOf(candidate.sums);
    if (!size) continue;
    ++count;
    const bool is_pattern = IsPattern(candidate.kind);
    const double value = is_pattern ? size->estimate : candidate.sums.mean();
    if (candidate.kind == MisfitKind::kFloor && value < noticeable) continue;
    if ((is_pattern ? size->rms : std::abs(value)) < noticeable) continue;
    const std::optional<TermTest> test = terms.Test(candidate.term, candidate.sums, errors);
    if (!test) continue;
    misfit.findings.push_back(
        {candidate.kind, candidate.compute_flops, candidate.prompt_tokens, value, size->explained, test->p_value});
  }
  if (errors == ErrorModel::kBinomial) {
    misfit.chi_square = NotableChiSquare(terms, observations.size(), noticeable);
  }
  KeepSignificant(count, misfit.findings);
  return misfit;
}

}  // namespace ctxfit
