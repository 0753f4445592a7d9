#include "kernels/statistics/misfit/misfit_candidates.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include "kernels/data/compute_levels.h"
#include "kernels/data/observations.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {
namespace {

constexpr double kAtLimit = 0.02;  // largest |n / n_ctx - 1| of rows at the limit
constexpr std::size_t kMaxComputeGroups = 12;
constexpr double kRounding = 1e-9;  // distance from the mean logarithm that is rounding
constexpr int kThirds = 3;

// The side of its limit on which a prompt lies: -1 below, 0 at it, 1 beyond.
int SideOfLimit(const Covariates& covariates) {
  const double share = covariates.prompt / covariates.limit - 1;
  return std::abs(share) <= kAtLimit ? 0 : share < 0 ? -1 : 1;
}

std::size_t RowsOf(const Observations& observations, std::size_t k) {
  return observations.row_begin[k + 1] - observations.row_begin[k];
}

// The prompt lengths that cut the rows below their limit into thirds, with the shortest and the longest; empty without
// such rows.
std::vector<double> ThirdsOfPrompts(const Observations& observations) {
  std::vector<std::pair<double, std::size_t>> ends;  // distinct prompt lengths, ascending, and the rows up to each
  std::size_t rows = 0;
  for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
    if (SideOfLimit(observations.covariates[k]) >= 0) continue;
    rows += RowsOf(observations, k);
    const double prompt = observations.covariates[k].prompt;
    if (ends.empty() || ends.back().first != prompt) ends.emplace_back(prompt, 0);
    ends.back().second = rows;
  }
  if (rows == 0) return {};
  const auto prompt_of_row = [&ends](std::size_t row) {
    return std::partition_point(ends.begin(), ends.end(), [row](const auto& end) { return end.second <= row; })->first;
  };
  const auto last_of_part = [rows](std::size_t part) { return (part * rows + kThirds - 1) / kThirds - 1; };
  return {ends.front().first, prompt_of_row(last_of_part(1)), prompt_of_row(last_of_part(2)), ends.back().first};
}

// The rows of a fit by compute group and third. A group is a base (CountBases()); where there are more than
// kMaxComputeGroups, neighbours are pooled to as many groups of about equal numbers of rows.
class Groups {
 public:
  explicit Groups(const Observations& observations)
      : observations_(observations), edges_(ThirdsOfPrompts(observations)) {
    const std::vector<double>& computes = observations.levels.compute;
    std::vector<std::size_t> rows(computes.size());
    for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
      rows[observations.levels.level_of[k]] += RowsOf(observations, k);
    }
    for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
      if (!IsBelowLimit(k)) continue;
      double& shortest = shortest_[ThirdOf(k)];
      shortest = std::min(shortest, observations.covariates[k].prompt);
    }
    std::vector<double> logs(computes.size());
    std::transform(computes.begin(), computes.end(), logs.begin(), [](double compute) { return std::log(compute); });
    const auto bases = static_cast<std::size_t>(CountBases(logs));
    std::size_t before = 0;
    for (std::size_t j = 0; j < computes.size(); ++j) {
      const bool is_base = j == 0 || !CountAsOne(logs[j], logs[j - 1]);
      const bool full =
          bases <= kMaxComputeGroups || before * kMaxComputeGroups >= ranges_.size() * observations.size();
      if (is_base && full) ranges_.push_back({computes[j], computes[j]});
      ranges_.back().upper = computes[j];
      group_.push_back(static_cast<int>(ranges_.size()) - 1);
      before += rows[j];
    }
  }

  int group_count() const { return static_cast<int>(ranges_.size()); }
  const Range& computes(int group) const { return ranges_[group]; }
  Range prompts(int third) const { return {shortest_[third], edges_[third + 1]}; }
  bool has_thirds() const { return !edges_.empty(); }
  int GroupOf(std::size_t k) const { return group_[observations_.levels.level_of[k]]; }
  int ThirdOf(std::size_t k) const {
    const double prompt = observations_.covariates[k].prompt;
    return static_cast<int>(std::lower_bound(edges_.begin() + 1, edges_.end(), prompt) - edges_.begin()) - 1;
  }
  bool IsBelowLimit(std::size_t k) const { return SideOfLimit(observations_.covariates[k]) < 0; }

 private:
  const Observations& observations_;
  std::vector<double> edges_;  // prompt lengths that bound the thirds
  std::vector<double> shortest_ = std::vector<double>(kThirds, std::numeric_limits<double>::infinity());
  std::vector<Range> ranges_;  // computes of each group
  std::vector<int> group_;     // group of each distinct compute
};

// Collects the terms, with their sums.
class Candidates {
 public:
  Candidates(const AddedTerms& terms, const Observations& observations)
      : terms_(terms), groups_(std::make_shared<const Groups>(observations)) {
    const std::vector<Covariates>& covariates = observations.covariates;
    const Range all_computes = {observations.levels.compute.front(), observations.levels.compute.back()};
    const Range all_prompts = {covariates.front().prompt, covariates.back().prompt};
    below_ = AddGroup(MisfitKind::kAllRows, all_computes, all_prompts,
                      [groups = groups_](std::size_t k) { return groups->IsBelowLimit(k); });
    for (const int side : {0, 1}) {
      at_or_beyond_.push_back(
          AddGroup(side == 0 ? MisfitKind::kAtLimit : MisfitKind::kBeyondLimit, all_computes, all_prompts,
                   [&covariates, side](std::size_t k) { return SideOfLimit(covariates[k]) == side; }));
    }
    if (groups_->has_thirds()) AddGroupsAndThirds(all_computes, all_prompts);
    SumGroups(observations);
    AddPatterns(observations, all_computes, all_prompts);
  }

  std::vector<MisfitCandidate> Take() { return std::move(list_); }

 private:
  // Adds a group of rows and returns its index.
  std::size_t AddGroup(MisfitKind kind, const Range& computes, const Range& prompts,
                       const std::function<bool(std::size_t)>& contains) {
    list_.push_back({kind, computes, prompts, [contains](std::size_t k) { return contains(k) ? 1.0 : 0.0; }, {}});
    return list_.size() - 1;
  }

  void AddGroupsAndThirds(const Range& all_computes, const Range& all_prompts) {
    const auto count = groups_->group_count();
    for (int third = 0; third < kThirds; ++third) {
      thirds_.push_back(AddGroup(
          MisfitKind::kThird, all_computes, groups_->prompts(third),
          [groups = groups_, third](std::size_t k) { return groups->IsBelowLimit(k) && groups->ThirdOf(k) == third; }));
    }
    for (int group = 0; group < count && count > 1; ++group) {
      const Range& computes = groups_->computes(group);
      of_group_.push_back(AddGroup(
          MisfitKind::kComputeGroup, computes, all_prompts,
          [groups = groups_, group](std::size_t k) { return groups->IsBelowLimit(k) && groups->GroupOf(k) == group; }));
      for (int third = 0; third < kThirds; ++third) {
        of_group_and_third_.push_back(AddGroup(MisfitKind::kComputeGroupAndThird, computes, groups_->prompts(third),
                                               [groups = groups_, group, third](std::size_t k) {
                                                 return groups->IsBelowLimit(k) && groups->GroupOf(k) == group &&
                                                        groups->ThirdOf(k) == third;
                                               }));
      }
    }
  }

  // Sums all groups in one pass.
  void SumGroups(const Observations& observations) {
    for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
      const int side = SideOfLimit(observations.covariates[k]);
      if (side >= 0) {
        terms_.Add(k, 1, list_[at_or_beyond_[side]].sums);
        continue;
      }
      const int third = groups_->ThirdOf(k);
      terms_.Add(k, 1, list_[below_].sums);
      terms_.Add(k, 1, list_[thirds_[third]].sums);
      if (of_group_.empty()) continue;
      const int group = groups_->GroupOf(k);
      terms_.Add(k, 1, list_[of_group_[group]].sums);
      terms_.Add(k, 1, list_[of_group_and_third_[group * kThirds + third]].sums);
    }
  }

  void AddPatterns(const Observations& observations, const Range& all_computes, const Range& all_prompts) {
    const std::vector<Covariates>& covariates = observations.covariates;
    const auto add = [&](MisfitKind kind, AddedTerms::Term term) {
      TermSums sums = terms_.Sum(term, TermMetric::kResidual);
      list_.push_back({kind, all_computes, all_prompts, std::move(term), sums});
    };
    const auto add_trend_and_bend = [&](MisfitKind trend, MisfitKind bend, double Covariates::*variable) {
      const double middle = MiddleBelowLimit(observations, variable);
      const auto distance = [groups = groups_, &covariates, variable, middle](std::size_t k) {
        const double from_middle = std::log(covariates[k].*variable) - middle;
        return groups->IsBelowLimit(k) && std::abs(from_middle) > kRounding ? from_middle : 0;
      };
      add(trend, distance);
      add(bend, [distance](std::size_t k) { return std::pow(distance(k), 2); });
    };
    if (groups_->has_thirds()) {
      add_trend_and_bend(MisfitKind::kPromptTrend, MisfitKind::kPromptBend, &Covariates::prompt);
      add_trend_and_bend(MisfitKind::kComputeTrend, MisfitKind::kComputeBend, &Covariates::compute);
    }
    add(MisfitKind::kFloor, [groups = groups_, &terms = terms_](std::size_t k) {
      return groups->IsBelowLimit(k) ? terms.Gradient(k, kFloor) : 0;
    });
  }

  // The mean logarithm of a variable over the rows below their limit.
  double MiddleBelowLimit(const Observations& observations, double Covariates::*variable) const {
    double sum = 0;
    std::size_t rows = 0;
    for (std::size_t k = 0; k < observations.covariates.size(); ++k) {
      if (!groups_->IsBelowLimit(k)) continue;
      sum += static_cast<double>(RowsOf(observations, k)) * std::log(observations.covariates[k].*variable);
      rows += RowsOf(observations, k);
    }
    return sum / static_cast<double>(rows);
  }

  const AddedTerms& terms_;
  const std::shared_ptr<const Groups> groups_;  // shared with the terms
  std::vector<MisfitCandidate> list_;
  // Indices of groups in the list.
  std::size_t below_ = 0;
  std::vector<std::size_t> at_or_beyond_;        // rows at the limit, rows beyond it
  std::vector<std::size_t> thirds_;              // by third
  std::vector<std::size_t> of_group_;            // by compute group; empty if there is only one
  std::vector<std::size_t> of_group_and_third_;  // by compute group and third
};

}  // namespace

std::vector<MisfitCandidate> ListMisfitCandidates(const AddedTerms& terms, const Observations& observations) {
  return Candidates(terms, observations).Take();
}

}  // namespace ctxfit
