#include "kernels/canonical_order.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "kernels/select_rows.h"
#include "kernels/stop_signal.h"

namespace ctxfit {
namespace {

Ranks RankLabels(const Labels& column, const std::vector<std::size_t>& rows) {
  return RankCodes(Pick(column.codes(), rows), column.dictionary());
}

Ranks RankPrompts(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  CodedColumn<double> prompts;
  prompts.reserve(rows.size());
  for (const std::size_t row : rows) prompts.push_back(table.prompt_tokens[row]);
  return RankCodes(prompts.TakeCodes(), prompts.dictionary());
}

// What rows are sorted by; after it, by their other columns.
struct RankedRows {
  const ObservationTable& table;
  const std::vector<std::size_t>& rows;
  Ranks prompt;
  Ranks level;
  Ranks cluster;
  Ranks cluster_2;
};

RankedRows RankRows(const ObservationTable& table, const std::vector<std::size_t>& rows, ThreadPool& pool) {
  RankedRows ranked{table, rows, {}, {}, {}, {}};
  pool.RunAll({
      [&] { ranked.prompt = RankPrompts(table, rows); },
      [&] { ranked.level = RankLevels(table, rows); },
      [&] { ranked.cluster = RankLabels(table.cluster, rows); },
      [&] { ranked.cluster_2 = RankLabels(table.cluster_2, rows); },
  });
  return ranked;
}

// Ranks that cut the rows into as many parts, none of which shares a rank with another, as equal as can be: the first
// rank of each, and the number of ranks.
std::vector<std::int32_t> CutRanks(const Ranks& ranks, int parts) {
  std::vector<std::size_t> rows_up_to(ranks.count, 0);
  for (const std::int32_t rank : ranks.of_row) ++rows_up_to[rank];
  std::partial_sum(rows_up_to.begin(), rows_up_to.end(), rows_up_to.begin());
  std::vector<std::int32_t> first = {0};
  for (int part = 1; part < parts; ++part) {
    const std::size_t rows = ranks.of_row.size() * part / parts;
    const auto cut = std::lower_bound(rows_up_to.begin(), rows_up_to.end(), rows) - rows_up_to.begin();
    first.push_back(static_cast<std::int32_t>(cut));
  }
  first.push_back(ranks.count);
  return first;
}

// Places among the rows, sorted by their ranks; those of equal rank keep their order.
void SortByRank(const Ranks& ranks, std::vector<std::uint32_t>& places) {
  if (ranks.count <= 1) return;
  std::vector<std::uint32_t> next(ranks.count + 1, 0);
  for (const std::uint32_t place : places) ++next[ranks.of_row[place] + 1];
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

// Sorts places that are tied to those before them by the columns that rows are not ranked by.
void SortTies(const RankedRows& ranked, const std::vector<char>& tied, std::vector<std::uint32_t>& places) {
  const ObservationTable& table = ranked.table;
  const auto others = [&](std::uint32_t place) {
    const std::size_t row = ranked.rows[place];
    return std::make_tuple(table.score[row], table.weight.empty() ? 1.0 : table.weight[row],
                           table.score_variance.empty() ? 0.0 : table.score_variance[row],
                           table.group.empty() ? 0 : table.group[row]);
  };
  for (auto begin = tied.begin(); begin != tied.end();) {
    const auto end = std::find(begin + 1, tied.end(), 0);
    if (end - begin > 1) {
      std::sort(places.begin() + (begin - tied.begin()), places.begin() + (end - tied.begin()),
                [&](std::uint32_t a, std::uint32_t b) { return others(a) < others(b); });
    }
    begin = end;
  }
}

// Some of the places, sorted, and those of them at which the prompt length, compute or limit changes.
struct SortedPart {
  std::vector<std::uint32_t> places;
  std::vector<std::size_t> begin;
};

// The places whose prompt's rank is in [first, last).
SortedPart SortPart(const RankedRows& ranked, std::int32_t first, std::int32_t last) {
  SortedPart part;
  part.places.reserve(ranked.rows.size());
  for (std::size_t place = 0; place < ranked.rows.size(); ++place) {
    const std::int32_t rank = ranked.prompt.of_row[place];
    if (rank >= first && rank < last) part.places.push_back(static_cast<std::uint32_t>(place));
  }
  if (part.places.empty()) return part;
  for (const Ranks* by : {&ranked.cluster_2, &ranked.cluster, &ranked.level, &ranked.prompt}) {
    SortByRank(*by, part.places);
  }
  std::vector<char> tied(part.places.size(), 1);
  tied.front() = 0;
  for (const Ranks* by : {&ranked.prompt, &ranked.level}) Untie(*by, part.places, tied);
  for (std::size_t i = 0; i < tied.size(); ++i) {
    if (!tied[i]) part.begin.push_back(i);
  }
  for (const Ranks* by : {&ranked.cluster, &ranked.cluster_2}) Untie(*by, part.places, tied);
  SortTies(ranked, tied, part.places);
  return part;
}

// Writes what `ranks` has at the places behind `begin`.
void Permute(const std::vector<std::int32_t>& ranks, const std::vector<std::uint32_t>& places, std::size_t begin,
             std::vector<std::int32_t>& permuted) {
  if (ranks.empty()) return;
  for (std::size_t i = 0; i < places.size(); ++i) permuted[begin + i] = ranks[places[i]];
}

// Puts the parts one behind the other.
CanonicalOrder Join(const RankedRows& ranked, const std::vector<SortedPart>& parts, ThreadPool& pool) {
  std::vector<std::size_t> first = {0};
  for (const SortedPart& part : parts) first.push_back(first.back() + part.places.size());
  CanonicalOrder order{std::vector<std::size_t>(ranked.rows.size()),
                       {},
                       {std::vector<std::int32_t>(ranked.cluster.of_row.size()), ranked.cluster.count},
                       {std::vector<std::int32_t>(ranked.cluster_2.of_row.size()), ranked.cluster_2.count}};
  const auto put = [&](std::size_t i, int) {
    const std::vector<std::uint32_t>& places = parts[i].places;
    for (std::size_t j = 0; j < places.size(); ++j) order.rows[first[i] + j] = ranked.rows[places[j]];
    Permute(ranked.cluster.of_row, places, first[i], order.cluster.of_row);
    Permute(ranked.cluster_2.of_row, places, first[i], order.cluster_2.of_row);
  };
  pool.ParallelFor(parts.size(), StopSignal(), put).IgnoreError();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (const std::size_t begin : parts[i].begin) order.begin.push_back(first[i] + begin);
  }
  order.begin.push_back(ranked.rows.size());
  return order;
}

}  // namespace

Ranks RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  CodedColumn<std::pair<double, double>> levels;
  levels.reserve(rows.size());
  for (const std::size_t row : rows) {
    levels.push_back({table.training_compute_flops[row], table.context_limit_tokens[row]});
  }
  return RankCodes(levels.TakeCodes(), levels.dictionary());
}

CanonicalOrder SortCanonically(const ObservationTable& table, const std::vector<std::size_t>& rows, ThreadPool& pool) {
  const RankedRows ranked = RankRows(table, rows, pool);
  const std::vector<std::int32_t> cut = CutRanks(ranked.prompt, pool.size());
  std::vector<SortedPart> parts(pool.size());
  const auto sort = [&](std::size_t i, int) { parts[i] = SortPart(ranked, cut[i], cut[i + 1]); };
  pool.ParallelFor(parts.size(), StopSignal(), sort).IgnoreError();
  return Join(ranked, parts, pool);
}

}  // namespace ctxfit
