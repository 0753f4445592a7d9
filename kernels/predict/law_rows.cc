#include "kernels/predict/law_rows.h"

#include <algorithm>
#include <cmath>

#include "kernels/law/coordinate.h"
#include "kernels/law/law.h"
#include "kernels/law/penalty.h"
#include "kernels/law/penalty_at.h"
#include "kernels/objective/vector_kernels.h"

namespace ctxfit {
namespace {

bool SharePenalty(const std::vector<Point>& points) {
  return std::all_of(points.begin(), points.end(), [&](const Point& point) {
    return point.at[kLogPenaltyWidth] == points.front().at[kLogPenaltyWidth] &&
           point.at[kLogPenaltyOnset] == points.front().at[kLogPenaltyOnset];
  });
}

// Rows that hold a function of the coordinate in its place: exp(-ln w), exp(ln r), and ceiling - floor.
constexpr int kInverseWidth = kLogPenaltyWidth;
constexpr int kOnsetRatio = kLogPenaltyOnset;
constexpr int kSpan = kHeadroom;

}  // namespace

LawRows::LawRows(const VectorKernels& kernels, const std::vector<Point>& points)
    : kernels_(kernels),
      first_(points.front()),
      shares_penalty_(SharePenalty(points)),
      size_(RowSize(points.size())),
      rows_(kCoordinateCount * size_) {
  for (std::size_t i = 0; i < size_; ++i) {
    const Point& point = points[std::min(i, points.size() - 1)];
    for (int row = 0; row < kCoordinateCount; ++row) Row(row)[i] = point.at[row];
    Row(kInverseWidth)[i] = std::exp(-point.at[kLogPenaltyWidth]);
    Row(kOnsetRatio)[i] = std::exp(point.at[kLogPenaltyOnset]);
    Row(kSpan)[i] = SpanOf(point);
  }
}

void LawRows::ComputeFactors(double log_compute, double* factors) const {
  kernels_.saturate(Row(kLogComputeCoefficient), Row(kComputeExponent), log_compute, size_, factors);
}

void LawRows::ContextFactors(double log_prompt, double* factors) const {
  kernels_.saturate(Row(kLogContextCoefficient), Row(kContextExponent), log_prompt, size_, factors);
}

void LawRows::Scores(const double* factors, const double* other_factors, const Excess& excess, double* scores) const {
  ScoreArgs args{size_, factors, other_factors, Row(kFloor), Row(kSpan), 1, nullptr, nullptr, excess};
  if (shares_penalty_) {
    args.penalty = PenaltyFactor(excess, first_);
  } else {
    args.onset_ratio = Row(kOnsetRatio);
    args.inverse_width = Row(kInverseWidth);
  }
  kernels_.score_laws(args, scores);
}

}  // namespace ctxfit
