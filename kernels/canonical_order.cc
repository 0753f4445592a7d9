#include "kernels/canonical_order.h"

#include <algorithm>
#include <bit>
#include <boost/sort/spreadsort/integer_sort.hpp>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace ctxfit {
namespace {

// What most rows differ by, gathered because comparing columns in place would miss the cache at every step.
struct SortKey {
  double prompt;
  double compute;
  double limit;
  std::int32_t cluster;
  std::int32_t cluster_2;
  std::uint32_t place;  // among the rows to sort
};

std::vector<SortKey> MakeKeys(const ObservationTable& table, const std::vector<std::size_t>& rows,
                              const LabelRanks& cluster, const LabelRanks& cluster_2) {
  std::vector<SortKey> keys;
  keys.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t row = rows[i];
    keys.push_back({table.prompt_tokens[row], table.training_compute_flops[row], table.context_limit_tokens[row],
                    cluster.of_row.empty() ? 0 : cluster.of_row[i], cluster_2.of_row.empty() ? 0 : cluster_2.of_row[i],
                    static_cast<std::uint32_t>(i)});
  }
  return keys;
}

// Those of positive numbers are in the order of their bits.
void SortByPrompt(std::vector<SortKey>& keys) {
  boost::sort::spreadsort::integer_sort(
      keys.begin(), keys.end(),
      [](const SortKey& key, unsigned shift) { return std::bit_cast<std::uint64_t>(key.prompt) >> shift; },
      [](const SortKey& a, const SortKey& b) { return a.prompt < b.prompt; });
}

// The order of rows by what a key does not hold.
auto OtherColumns(const ObservationTable& table, std::size_t row) {
  return std::make_tuple(table.score[row], table.weight.empty() ? 1.0 : table.weight[row],
                         table.score_variance.empty() ? 0.0 : table.score_variance[row],
                         table.group.empty() ? 0 : table.group[row]);
}

LabelRanks Permute(const LabelRanks& ranks, const std::vector<SortKey>& keys, std::int32_t SortKey::*rank) {
  LabelRanks sorted;
  sorted.count = ranks.count;
  if (ranks.of_row.empty()) return sorted;
  sorted.of_row.reserve(keys.size());
  for (const SortKey& key : keys) sorted.of_row.push_back(key.*rank);
  return sorted;
}

}  // namespace

LabelRanks RankLabels(const std::vector<std::string>& column, const std::vector<std::size_t>& rows) {
  LabelRanks ranks;
  if (column.empty()) return ranks;
  // First by the order in which they appear. Neighbours often share theirs, and need no look at the table.
  std::unordered_map<std::string_view, std::int32_t> number;
  std::vector<std::string_view> labels;
  std::string_view last;
  std::int32_t last_number = -1;
  ranks.of_row.reserve(rows.size());
  for (const std::size_t row : rows) {
    if (last_number < 0 || column[row] != last) {
      last = column[row];
      const auto [known, is_new] = number.emplace(last, static_cast<std::int32_t>(labels.size()));
      if (is_new) labels.push_back(last);
      last_number = known->second;
    }
    ranks.of_row.push_back(last_number);
  }
  std::sort(labels.begin(), labels.end());
  std::vector<std::int32_t> rank(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) rank[number.at(labels[i])] = static_cast<std::int32_t>(i);
  for (std::int32_t& of_row : ranks.of_row) of_row = rank[of_row];
  ranks.count = static_cast<std::int32_t>(labels.size());
  return ranks;
}

CanonicalOrder SortCanonically(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  const LabelRanks cluster = RankLabels(table.cluster, rows);
  const LabelRanks cluster_2 = RankLabels(table.cluster_2, rows);
  std::vector<SortKey> keys = MakeKeys(table, rows, cluster, cluster_2);
  SortByPrompt(keys);
  const auto before = [&](const SortKey& a, const SortKey& b) {
    const auto held = [](const SortKey& key) { return std::tie(key.compute, key.limit, key.cluster, key.cluster_2); };
    if (held(a) != held(b)) return held(a) < held(b);
    return OtherColumns(table, rows[a.place]) < OtherColumns(table, rows[b.place]);
  };
  for (auto begin = keys.begin(); begin != keys.end();) {
    const auto end = std::find_if(begin, keys.end(), [&](const SortKey& key) { return key.prompt != begin->prompt; });
    std::sort(begin, end, before);
    begin = end;
  }
  CanonicalOrder order;
  order.rows.reserve(rows.size());
  for (const SortKey& key : keys) order.rows.push_back(rows[key.place]);
  order.cluster = Permute(cluster, keys, &SortKey::cluster);
  order.cluster_2 = Permute(cluster_2, keys, &SortKey::cluster_2);
  return order;
}

}  // namespace ctxfit
