#include "kernels/distinct_values.h"

#include <algorithm>
#include <utility>

namespace ctxfit {
namespace {

// Up to so many values are collected one by one, which is faster than to sort a column of a few.
constexpr std::size_t kFew = 256;

}  // namespace

DistinctValues::DistinctValues(std::vector<double> column) {
  std::size_t last = 0;
  for (const double value : column) {
    if (!values_.empty()) last = Find(value, last);
    if (last < values_.size() && values_[last] == value) continue;
    values_.insert(values_.begin() + static_cast<std::ptrdiff_t>(last), value);
    if (values_.size() > kFew) break;
  }
  if (values_.size() <= kFew) return;
  values_ = std::move(column);
  std::sort(values_.begin(), values_.end());
  values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
}

std::size_t DistinctValues::Find(double value, std::size_t last) const {
  for (const std::size_t place : {last, last + 1}) {
    if (place < values_.size() && values_[place] == value) return place;
  }
  return std::lower_bound(values_.begin(), values_.end(), value) - values_.begin();
}

std::vector<double> ComputesOf(const Observations& observations) {
  std::vector<double> computes;
  computes.reserve(observations.covariates.size());
  for (const Covariates& covariates : observations.covariates) computes.push_back(covariates.compute);
  return computes;
}

}  // namespace ctxfit
