#include "server/wire/choices_conversion.h"

namespace ctxfit {

std::optional<Loss> FromProto(v1::Loss value) {
  switch (value) {
    case v1::LOSS_UNSPECIFIED:
    case v1::LOSS_SQUARED:
      return Loss::kSquared;
    case v1::LOSS_HUBER:
      return Loss::kHuber;
    case v1::LOSS_BERNOULLI:
      return Loss::kBernoulli;
    case v1::Loss_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Loss_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return std::nullopt;
}

std::optional<Resampling> FromProto(v1::Resampling value) {
  switch (value) {
    case v1::RESAMPLING_UNSPECIFIED:
    case v1::RESAMPLING_AUTO:
      return Resampling::kAuto;
    case v1::RESAMPLING_CLUSTER:
      return Resampling::kCluster;
    case v1::RESAMPLING_RECORD:
      return Resampling::kRecord;
    case v1::RESAMPLING_TWO_WAY:
      return Resampling::kTwoWay;
    case v1::RESAMPLING_STRATIFIED:
      return Resampling::kStratified;
    case v1::Resampling_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Resampling_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return std::nullopt;
}

std::optional<IntervalKind> FromProto(v1::IntervalKind value) {
  switch (value) {
    case v1::INTERVAL_KIND_UNSPECIFIED:
    case v1::INTERVAL_KIND_PERCENTILE:
      return IntervalKind::kPercentile;
    case v1::INTERVAL_KIND_BCA:
      return IntervalKind::kBca;
    case v1::IntervalKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::IntervalKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return std::nullopt;
}

std::optional<SearchOver> FromProto(v1::SearchOver value) {
  switch (value) {
    case v1::SEARCH_OVER_UNSPECIFIED:
    case v1::SEARCH_OVER_AUTO:
      return SearchOver::kAuto;
    case v1::SEARCH_OVER_OBSERVATIONS:
      return SearchOver::kObservations;
    case v1::SEARCH_OVER_BINS:
      return SearchOver::kBins;
    case v1::SearchOver_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::SearchOver_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return std::nullopt;
}

std::optional<WeightKind> FromProto(v1::WeightKind value) {
  switch (value) {
    case v1::WEIGHT_KIND_UNSPECIFIED:
    case v1::WEIGHT_KIND_EXPONENTIAL:
      return WeightKind::kExponential;
    case v1::WEIGHT_KIND_POISSON:
      return WeightKind::kPoisson;
    case v1::WEIGHT_KIND_MULTINOMIAL:
      return WeightKind::kMultinomial;
    case v1::WeightKind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::WeightKind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return std::nullopt;
}

v1::Loss ToProto(Loss value) {
  switch (value) {
    case Loss::kSquared:
      return v1::LOSS_SQUARED;
    case Loss::kHuber:
      return v1::LOSS_HUBER;
    case Loss::kBernoulli:
      return v1::LOSS_BERNOULLI;
  }
  return v1::LOSS_UNSPECIFIED;
}

v1::Resampling ToProto(Resampling value) {
  switch (value) {
    case Resampling::kAuto:
      return v1::RESAMPLING_AUTO;
    case Resampling::kCluster:
      return v1::RESAMPLING_CLUSTER;
    case Resampling::kRecord:
      return v1::RESAMPLING_RECORD;
    case Resampling::kTwoWay:
      return v1::RESAMPLING_TWO_WAY;
    case Resampling::kStratified:
      return v1::RESAMPLING_STRATIFIED;
  }
  return v1::RESAMPLING_UNSPECIFIED;
}

v1::IntervalKind ToProto(IntervalKind value) {
  switch (value) {
    case IntervalKind::kPercentile:
      return v1::INTERVAL_KIND_PERCENTILE;
    case IntervalKind::kBca:
      return v1::INTERVAL_KIND_BCA;
  }
  return v1::INTERVAL_KIND_UNSPECIFIED;
}

v1::SearchOver ToProto(SearchOver value) {
  switch (value) {
    case SearchOver::kAuto:
      return v1::SEARCH_OVER_AUTO;
    case SearchOver::kObservations:
      return v1::SEARCH_OVER_OBSERVATIONS;
    case SearchOver::kBins:
      return v1::SEARCH_OVER_BINS;
  }
  return v1::SEARCH_OVER_UNSPECIFIED;
}

v1::WeightKind ToProto(WeightKind value) {
  switch (value) {
    case WeightKind::kExponential:
      return v1::WEIGHT_KIND_EXPONENTIAL;
    case WeightKind::kPoisson:
      return v1::WEIGHT_KIND_POISSON;
    case WeightKind::kMultinomial:
      return v1::WEIGHT_KIND_MULTINOMIAL;
  }
  return v1::WEIGHT_KIND_UNSPECIFIED;
}

}  // namespace ctxfit
