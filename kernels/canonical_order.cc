#include "kernels/canonical_order.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "kernels/select_rows.h"

namespace ctxfit {
namespace {

// Ranks rows by their codes; `dictionary` may have values that no row has.
template <class Value>
Ranks RankCodes(std::vector<std::int32_t> codes, const std::vector<Value>& dictionary) {
  std::vector<std::int32_t> rank(dictionary.size(), -1);
  for (const std::int32_t code : codes) rank[code] = 0;
  std::vector<std::int32_t> present;
  for (std::size_t code = 0; code < rank.size(); ++code) {
    if (rank[code] == 0) present.push_back(static_cast<std::int32_t>(code));
  }
  const auto before = [&](std::int32_t a, std::int32_t b) { return dictionary[a] < dictionary[b]; };
  if (!std::is_sorted(present.begin(), present.end(), before)) std::sort(present.begin(), present.end(), before);
  for (std::size_t i = 0; i < present.size(); ++i) rank[present[i]] = static_cast<std::int32_t>(i);
  for (std::int32_t& code : codes) code = rank[code];
  return {std::move(codes), static_cast<std::int32_t>(present.size())};
}

Ranks RankLabels(const Labels& column, const std::vector<std::size_t>& rows) {
  return RankCodes(Pick(column.codes(), rows), column.dictionary());
}

Ranks RankPrompts(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  CodedColumn<double> prompts;
  prompts.reserve(rows.size());
  for (const std::size_t row : rows) prompts.push_back(table.prompt_tokens[row]);
  return RankCodes(prompts.codes(), prompts.dictionary());
}

// Places among the rows, sorted by their ranks; those of equal rank keep their order.
void SortByRank(const Ranks& ranks, std::vector<std::uint32_t>& places) {
  if (ranks.count <= 1) return;
  std::vector<std::uint32_t> next(ranks.count + 1, 0);
  for (const std::int32_t rank : ranks.of_row) ++next[rank + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<std::uint32_t> sorted(places.size());
  for (const std::uint32_t place : places) sorted[next[ranks.of_row[place]]++] = place;
  places.swap(sorted);
}

// Unties each place whose rank is not that of the place before it.
void Untie(const Ranks& ranks, const std::vector<std::uint32_t>& places, std::vector<char>& tied) {
  if (ranks.count <= 1) return;
  for (std::size_t i = 1; i < places.size(); ++i) tied[i] &= ranks.of_row[places[i]] == ranks.of_row[places[i - 1]];
}

// The places that are not tied to the one before, and their number.
std::vector<std::size_t> Begins(const std::vector<char>& tied) {
  std::vector<std::size_t> begins;
  begins.reserve(std::count(tied.begin(), tied.end(), 0) + 1);
  for (std::size_t i = 0; i < tied.size(); ++i) {
    if (!tied[i]) begins.push_back(i);
  }
  begins.push_back(tied.size());
  return begins;
}

// The order of rows by what they are not ranked by.
auto OtherColumns(const ObservationTable& table, std::size_t row) {
  return std::make_tuple(table.score[row], table.weight.empty() ? 1.0 : table.weight[row],
                         table.score_variance.empty() ? 0.0 : table.score_variance[row],
                         table.group.empty() ? 0 : table.group[row]);
}

Ranks Permute(const Ranks& ranks, const std::vector<std::uint32_t>& places) {
  Ranks permuted;
  permuted.count = ranks.count;
  if (ranks.of_row.empty()) return permuted;
  permuted.of_row.reserve(places.size());
  for (const std::uint32_t place : places) permuted.of_row.push_back(ranks.of_row[place]);
  return permuted;
}

}  // namespace

Ranks RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  CodedColumn<std::pair<double, double>> levels;
  levels.reserve(rows.size());
  for (const std::size_t row : rows) {
    levels.push_back({table.training_compute_flops[row], table.context_limit_tokens[row]});
  }
  return RankCodes(levels.codes(), levels.dictionary());
}

CanonicalOrder SortCanonically(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  const Ranks prompt = RankPrompts(table, rows);
  const Ranks level = RankLevels(table, rows);
  const Ranks cluster = RankLabels(table.cluster, rows);
  const Ranks cluster_2 = RankLabels(table.cluster_2, rows);
  std::vector<std::uint32_t> places(rows.size());
  std::iota(places.begin(), places.end(), 0);
  for (const Ranks* by : {&cluster_2, &cluster, &level, &prompt}) SortByRank(*by, places);

  CanonicalOrder order;
  std::vector<char> tied(rows.size(), 1);
  tied.front() = 0;
  for (const Ranks* by : {&prompt, &level}) Untie(*by, places, tied);
  order.begin = Begins(tied);
  for (const Ranks* by : {&cluster, &cluster_2}) Untie(*by, places, tied);
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    return OtherColumns(table, rows[a]) < OtherColumns(table, rows[b]);
  };
  for (auto begin = places.begin(); begin != places.end();) {
    const auto end =
        places.begin() + (std::find(tied.begin() + (begin - places.begin()) + 1, tied.end(), 0) - tied.begin());
    if (end - begin > 1) std::sort(begin, end, before);
    begin = end;
  }
  order.rows.reserve(rows.size());
  for (const std::uint32_t place : places) order.rows.push_back(rows[place]);
  order.cluster = Permute(cluster, places);
  order.cluster_2 = Permute(cluster_2, places);
  return order;
}

}  // namespace ctxfit
