#include "kernels/canonical_order.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/types/span.h"
#include "kernels/select_rows.h"
#include "kernels/stop_signal.h"

namespace ctxfit {
namespace {

// Rows that are sorted together: what they take twice over stays in the cache of a core.
constexpr std::size_t kPartRows = 8192;

// Rows that one thread takes up in one pass over all of them: passes take time, and memory that is new takes more.
constexpr std::size_t kTurnRows = 131072;

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

std::uint64_t RankAt(const Ranks& ranks, std::size_t place) {
  return ranks.of_row.empty() ? 0 : static_cast<std::uint64_t>(ranks.of_row[place]);
}

std::uint64_t CountOf(const Ranks& ranks) { return std::max(ranks.count, 1); }

// A row's place among the rows, with two numbers that are in the order of its ranks.
struct KeyedRow {
  std::uint64_t covariates;  // prompt length, then level
  std::uint64_t clusters;    // both of them
  double score;
  std::uint32_t place;

  bool operator==(const KeyedRow& other) const { return covariates == other.covariates && clusters == other.clusters; }
};

// Parts of about kPartRows rows, by their prompt lengths, none of which is in two parts.
struct Parts {
  std::vector<std::int32_t> first_rank;  // of each part's prompt lengths, and the number of ranks
  std::vector<std::size_t> begin;        // of each part's rows in canonical order, and their number

  std::size_t size() const { return begin.size() - 1; }
};

Parts ChooseParts(const Ranks& prompt) {
  std::vector<std::size_t> row_count(prompt.count, 0);
  for (const std::int32_t rank : prompt.of_row) ++row_count[rank];
  Parts parts{{0}, {0}};
  std::size_t end = 0;
  for (std::int32_t rank = 0; rank < prompt.count; ++rank) {
    if (end - parts.begin.back() >= kPartRows) {
      parts.first_rank.push_back(rank);
      parts.begin.push_back(end);
    }
    end += row_count[rank];
  }
  parts.first_rank.push_back(prompt.count);
  parts.begin.push_back(end);
  return parts;
}

// Fills `keyed` with the rows of the parts [first, last), one part behind the other.
void FillParts(const RankedRows& ranked, const Parts& parts, std::size_t first, std::size_t last,
               std::vector<KeyedRow>& keyed) {
  const std::int32_t begin = parts.first_rank[first];
  const std::int32_t end = parts.first_rank[last];
  std::vector<std::uint32_t> part_of(end - begin);
  std::vector<std::size_t> next;
  for (std::size_t part = first; part < last; ++part) {
    const auto from = part_of.begin() + (parts.first_rank[part] - begin);
    std::fill(from, from + (parts.first_rank[part + 1] - parts.first_rank[part]),
              static_cast<std::uint32_t>(next.size()));
    next.push_back(parts.begin[part] - parts.begin[first]);
  }
  keyed.resize(parts.begin[last] - parts.begin[first]);
  for (std::size_t place = 0; place < ranked.rows.size(); ++place) {
    const std::int32_t rank = ranked.prompt.of_row[place];
    if (rank < begin || rank >= end) continue;
    const std::uint32_t part = part_of[rank - begin];
    const auto prompt = static_cast<std::uint64_t>(rank - parts.first_rank[first + part]);
    keyed[next[part]++] = {prompt * CountOf(ranked.level) + RankAt(ranked.level, place),
                           RankAt(ranked.cluster, place) * CountOf(ranked.cluster_2) + RankAt(ranked.cluster_2, place),
                           ranked.table.score[ranked.rows[place]], static_cast<std::uint32_t>(place)};
  }
}

// Sorts rows by one of their numbers, all below `count`, digit by digit; those of equal numbers keep their order.
// `spare` has as many or more.
void SortBy(std::uint64_t KeyedRow::*number, std::uint64_t count, absl::Span<KeyedRow> rows,
            std::vector<KeyedRow>& spare) {
  constexpr int kMaxDigitBits = 11;
  const int bits = std::bit_width(count - 1);
  if (bits == 0) return;
  const int digit_count = (bits + kMaxDigitBits - 1) / kMaxDigitBits;
  const int digit_bits = (bits + digit_count - 1) / digit_count;
  const std::uint64_t mask = (std::uint64_t{1} << digit_bits) - 1;
  std::vector<std::uint32_t> next(mask + 2);
  absl::Span<KeyedRow> from = rows;
  absl::Span<KeyedRow> to = absl::MakeSpan(spare).first(rows.size());
  for (int shift = 0; shift < bits; shift += digit_bits, std::swap(from, to)) {
    const auto digit = [&](const KeyedRow& row) { return row.*number >> shift & mask; };
    std::fill(next.begin(), next.end(), 0);
    for (const KeyedRow& row : from) ++next[digit(row) + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    for (const KeyedRow& row : from) to[next[digit(row)]++] = row;
  }
  if (from.data() != rows.data()) std::copy(from.begin(), from.end(), rows.begin());
}

// Sorts rows of equal numbers by the columns that rows are not ranked by.
void SortTies(const RankedRows& ranked, absl::Span<KeyedRow> rows) {
  const ObservationTable& table = ranked.table;
  const bool score_alone = table.weight.empty() && table.score_variance.empty() && table.group.empty();
  const auto others = [&](const KeyedRow& keyed) {
    const std::size_t row = ranked.rows[keyed.place];
    return std::make_tuple(table.weight.empty() ? 1.0 : table.weight[row],
                           table.score_variance.empty() ? 0.0 : table.score_variance[row],
                           table.group.empty() ? 0 : table.group[row]);
  };
  const auto before = [&](const KeyedRow& a, const KeyedRow& b) {
    if (a.score != b.score || score_alone) return a.score < b.score;
    return others(a) < others(b);
  };
  for (auto begin = rows.begin(); begin != rows.end();) {
    auto end = begin + 1;
    while (end != rows.end() && *end == *begin) ++end;
    if (end - begin > 1) std::sort(begin, end, before);
    begin = end;
  }
}

// Writes the rows of a part, which are sorted, behind the `first` ones before it. Returns where the covariates change.
std::vector<std::size_t> WritePart(const RankedRows& ranked, absl::Span<const KeyedRow> rows, std::size_t first,
                                   CanonicalOrder& order) {
  std::vector<std::size_t> begin;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows[i].covariates != rows[i - 1].covariates) begin.push_back(first + i);
    order.rows[first + i] = ranked.rows[rows[i].place];
    order.score[first + i] = rows[i].score;
  }
  const auto write = [&](const Ranks& ranks, Ranks& in_order) {
    for (std::size_t i = 0; i < rows.size() && !ranks.of_row.empty(); ++i) {
      in_order.of_row[first + i] = ranks.of_row[rows[i].place];
    }
  };
  write(ranked.cluster, order.cluster);
  write(ranked.cluster_2, order.cluster_2);
  return begin;
}

// Sorts parts, and writes them into an order.
class PartSorter {
 public:
  PartSorter(const RankedRows& ranked, const Parts& parts, CanonicalOrder& order)
      : ranked_(ranked), parts_(parts), order_(order) {}

  // The parts [first, last). Sets where the covariates change in each.
  void Sort(std::size_t first, std::size_t last, std::vector<std::vector<std::size_t>>& begin) {
    FillParts(ranked_, parts_, first, last, keyed_);
    for (std::size_t part = first; part < last; ++part) {
      const std::size_t size = parts_.begin[part + 1] - parts_.begin[part];
      const auto rows = absl::MakeSpan(keyed_).subspan(parts_.begin[part] - parts_.begin[first], size);
      spare_.resize(std::max(spare_.size(), size));
      const auto prompts = static_cast<std::uint64_t>(parts_.first_rank[part + 1] - parts_.first_rank[part]);
      SortBy(&KeyedRow::clusters, CountOf(ranked_.cluster) * CountOf(ranked_.cluster_2), rows, spare_);
      SortBy(&KeyedRow::covariates, prompts * CountOf(ranked_.level), rows, spare_);
      SortTies(ranked_, rows);
      begin[part] = WritePart(ranked_, rows, parts_.begin[part], order_);
    }
  }

 private:
  const RankedRows& ranked_;
  const Parts& parts_;
  CanonicalOrder& order_;
  std::vector<KeyedRow> keyed_;
  std::vector<KeyedRow> spare_;
};

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
  const Parts parts = ChooseParts(ranked.prompt);
  CanonicalOrder order{std::vector<std::size_t>(rows.size()),
                       {},
                       std::vector<double>(rows.size()),
                       {std::vector<std::int32_t>(ranked.cluster.of_row.size()), ranked.cluster.count},
                       {std::vector<std::int32_t>(ranked.cluster_2.of_row.size()), ranked.cluster_2.count}};
  std::vector<PartSorter> sorters(pool.size(), PartSorter(ranked, parts, order));
  std::vector<std::vector<std::size_t>> begin(parts.size());
  const std::size_t turns = std::min(parts.size(), std::max<std::size_t>(pool.size(), rows.size() / kTurnRows));
  const auto sort = [&](std::size_t turn, int thread) {
    sorters[thread].Sort(parts.size() * turn / turns, parts.size() * (turn + 1) / turns, begin);
  };
  pool.ParallelFor(turns, StopSignal(), sort).IgnoreError();
  for (const std::vector<std::size_t>& of_part : begin) {
    order.begin.insert(order.begin.end(), of_part.begin(), of_part.end());
  }
  order.begin.push_back(rows.size());
  return order;
}

}  // namespace ctxfit
