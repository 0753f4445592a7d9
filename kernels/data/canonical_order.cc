#include "kernels/data/canonical_order.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/select_rows.h"

namespace ctxfit {
namespace {

// Rows that are sorted together: what they take twice over stays in the cache of a core.
constexpr std::size_t kPartRows = 8192;

// Rows that one thread takes up in one pass over all of them: passes take time, and memory that is new takes more.
constexpr std::size_t kTurnRows = 196608;

Ranks RankLabels(const Labels& column, const std::vector<std::size_t>& rows) {
  const std::vector<std::string>& dictionary = column.dictionary();
  if (dictionary.size() <= rows.size()) return RankCodes(Pick(column.codes(), rows), dictionary);
  // Of one of many tasks: the labels of the others, which are many more, are not looked at.
  CodedColumn<std::int32_t> codes;
  for (const std::size_t row : rows) codes.push_back(column.codes()[row]);
  std::vector<absl::string_view> labels;
  for (const std::int32_t code : codes.dictionary()) labels.push_back(dictionary[code]);
  return RankAll(codes.TakeCodes(), labels);
}

Ranks RankPrompts(const ObservationTable& table, const std::vector<std::size_t>& rows, std::vector<double>& values) {
  CodedColumn<double> prompts;
  prompts.reserve(rows.size());
  for (const std::size_t row : rows) prompts.push_back(table.prompt_tokens[row]);
  return RankAll(prompts.TakeCodes(), prompts.dictionary(), &values);
}

// A compute and a limit.
using Level = std::pair<double, double>;

Ranks RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows, std::vector<Level>* values) {
  CodedColumn<Level> levels;
  levels.reserve(rows.size());
  for (const std::size_t row : rows) {
    levels.push_back({table.training_compute_flops[row], table.context_limit_tokens[row]});
  }
  return RankAll(levels.TakeCodes(), levels.dictionary(), values);
}

// Whether rows of one rank in all columns that rows are ranked by differ in nothing but whether their score is 0 or 1.
bool DifferByBitAlone(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  if (!table.weight.empty() || !table.score_variance.empty() || !table.group.empty()) return false;
  bool bits = true;
  for (const std::size_t row : rows) {
    const double score = table.score[row];
    bits &= (score == 0) | (score == 1);
  }
  return bits;
}

// What rows are sorted by; after it, by their other columns.
struct RankedRows {
  const ObservationTable& table;
  const std::vector<std::size_t>& rows;
  Ranks prompt;
  Ranks level;
  Ranks cluster;
  Ranks cluster_2;
  std::vector<double> prompt_values;  // by rank
  std::vector<Level> level_values;    // by rank
  bool differ_by_bit_alone;           // DifferByBitAlone()
};

RankedRows RankRows(const ObservationTable& table, const std::vector<std::size_t>& rows, ThreadPool& pool) {
  RankedRows ranked{table, rows, {}, {}, {}, {}, {}, {}, false};
  pool.RunAll({
      [&] { ranked.prompt = RankPrompts(table, rows, ranked.prompt_values); },
      [&] { ranked.level = RankLevels(table, rows, &ranked.level_values); },
      [&] { ranked.cluster = RankLabels(table.cluster, rows); },
      [&] { ranked.cluster_2 = RankLabels(table.cluster_2, rows); },
      [&] { ranked.differ_by_bit_alone = DifferByBitAlone(table, rows); },
  });
  return ranked;
}

std::uint64_t RankAt(const Ranks& ranks, std::size_t place) {
  return ranks.of_row.empty() ? 0 : static_cast<std::uint64_t>(ranks.of_row[place]);
}

std::uint64_t CountOf(const Ranks& ranks) { return std::max(ranks.count, 1); }

// A row's place among the rows, with two numbers that are in the order of its ranks.
struct KeyedRow {
  std::uint64_t clusters;    // both of them, then whether the score is high: of 0 and 1 that tells all
  std::uint32_t covariates;  // prompt length, from that of the part on, then level
  std::uint32_t place;

  bool operator==(const KeyedRow& other) const { return covariates == other.covariates && clusters == other.clusters; }
};

// Parts of about kPartRows rows, by their prompt lengths, none of which is in two parts.
struct Parts {
  std::vector<std::int32_t> first_rank;  // of each part's prompt lengths, and the number of ranks
  std::vector<std::size_t> begin;        // of each part's rows in canonical order, and their number

  std::size_t size() const { return begin.size() - 1; }
};

// A part has so few prompt lengths that KeyedRow::covariates tells them and the levels.
Parts ChooseParts(const Ranks& prompt, const Ranks& level) {
  constexpr std::uint64_t kMostCovariates = std::uint64_t{1} << 31;

  std::vector<std::size_t> row_count(prompt.count, 0);
  for (const std::int32_t rank : prompt.of_row) ++row_count[rank];
  Parts parts{{0}, {0}};
  std::size_t end = 0;
  for (std::int32_t rank = 0; rank < prompt.count; ++rank) {
    const auto prompts = static_cast<std::uint64_t>(rank - parts.first_rank.back());
    if (end - parts.begin.back() >= kPartRows || (prompts + 1) * CountOf(level) > kMostCovariates) {
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
  const std::uint64_t levels = CountOf(ranked.level);
  const std::uint64_t seconds = CountOf(ranked.cluster_2);
  keyed.resize(parts.begin[last] - parts.begin[first]);
  for (std::size_t place = 0; place < ranked.rows.size(); ++place) {
    const std::int32_t rank = ranked.prompt.of_row[place];
    if (rank < begin || rank >= end) continue;
    const std::uint32_t part = part_of[rank - begin];
    const auto prompt = static_cast<std::uint64_t>(rank - parts.first_rank[first + part]);
    const std::uint64_t clusters = RankAt(ranked.cluster, place) * seconds + RankAt(ranked.cluster_2, place);
    const bool high = ranked.table.score[ranked.rows[place]] > 0.5;
    keyed[next[part]++] = {2 * clusters + (high ? 1 : 0),
                           static_cast<std::uint32_t>(prompt * levels + RankAt(ranked.level, place)),
                           static_cast<std::uint32_t>(place)};
  }
}

// Sorts rows by one of their numbers, all below `count`, digit by digit; those of equal numbers keep their order.
// `spare` has as many or more.
template <class Number>
void SortBy(Number KeyedRow::*number, std::uint64_t count, absl::Span<KeyedRow> rows, std::vector<KeyedRow>& spare) {
  constexpr int kMaxDigitBits = 11;
  const int bits = std::bit_width(count - 1);
  if (bits == 0) return;
  const int digit_count = (bits + kMaxDigitBits - 1) / kMaxDigitBits;
  const int digit_bits = (bits + digit_count - 1) / digit_count;
  const Number mask = (Number{1} << digit_bits) - 1;
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

// Whether one row comes before another of equal numbers: by the columns that rows are not ranked by.
bool IsBefore(const ObservationTable& table, std::size_t a, std::size_t b) {
  const auto others = [&](std::size_t row) {
    return std::make_tuple(table.score[row], table.weight.empty() ? 1.0 : table.weight[row],
                           table.score_variance.empty() ? 0.0 : table.score_variance[row],
                           table.group.empty() ? 0 : table.group[row]);
  };
  return others(a) < others(b);
}

// Sorts rows of equal numbers, unless these tell all of them.
void SortTies(const RankedRows& ranked, absl::Span<KeyedRow> rows) {
  if (ranked.differ_by_bit_alone) return;
  for (auto begin = rows.begin(); begin != rows.end();) {
    auto end = begin + 1;
    while (end != rows.end() && *end == *begin) ++end;
    std::sort(begin, end, [&](const KeyedRow& a, const KeyedRow& b) {
      return IsBefore(ranked.table, ranked.rows[a.place], ranked.rows[b.place]);
    });
    begin = end;
  }
}

// The combinations of covariates in a part, and where each begins among all rows.
struct Combinations {
  std::vector<Covariates> covariates;
  std::vector<std::size_t> begin;
};

// The covariates of rows of a part whose prompt lengths begin with the rank `first_prompt`.
Covariates CovariatesOf(const RankedRows& ranked, std::int32_t first_prompt, std::uint32_t number) {
  const auto levels = static_cast<std::uint32_t>(ranked.level_values.size());
  const auto& [compute, limit] = ranked.level_values[number % levels];
  return {compute, ranked.prompt_values[first_prompt + number / levels], limit};
}

// Writes the rows of a part, which are sorted, behind the `first` ones before it.
Combinations WritePart(const RankedRows& ranked, absl::Span<const KeyedRow> rows, std::int32_t first_prompt,
                       std::size_t first, CanonicalOrder& order) {
  Combinations combinations;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t row = ranked.rows[rows[i].place];
    order.rows[first + i] = row;
    order.score[first + i] = ranked.table.score[row];
    if (i > 0 && rows[i].covariates == rows[i - 1].covariates) continue;
    combinations.covariates.push_back(CovariatesOf(ranked, first_prompt, rows[i].covariates));
    combinations.begin.push_back(first + i);
  }
  const auto write = [&](const Ranks& ranks, Ranks& in_order) {
    for (std::size_t i = 0; i < rows.size() && !ranks.of_row.empty(); ++i) {
      in_order.of_row[first + i] = ranks.of_row[rows[i].place];
    }
  };
  write(ranked.cluster, order.cluster);
  write(ranked.cluster_2, order.cluster_2);
  return combinations;
}

// Sorts parts, and writes them into an order.
class PartSorter {
 public:
  PartSorter(const RankedRows& ranked, const Parts& parts, CanonicalOrder& order)
      : ranked_(ranked), parts_(parts), order_(order) {}

  // The parts [first, last). Sets the combinations of each.
  void Sort(std::size_t first, std::size_t last, std::vector<Combinations>& combinations) {
    FillParts(ranked_, parts_, first, last, keyed_);
    for (std::size_t part = first; part < last; ++part) {
      const std::size_t size = parts_.begin[part + 1] - parts_.begin[part];
      const auto rows = absl::MakeSpan(keyed_).subspan(parts_.begin[part] - parts_.begin[first], size);
      spare_.resize(std::max(spare_.size(), size));
      const auto prompts = static_cast<std::uint64_t>(parts_.first_rank[part + 1] - parts_.first_rank[part]);
      SortBy(&KeyedRow::clusters, 2 * CountOf(ranked_.cluster) * CountOf(ranked_.cluster_2), rows, spare_);
      SortBy(&KeyedRow::covariates, prompts * CountOf(ranked_.level), rows, spare_);
      SortTies(ranked_, rows);
      combinations[part] = WritePart(ranked_, rows, parts_.first_rank[part], parts_.begin[part], order_);
    }
  }

 private:
  const RankedRows& ranked_;
  const Parts& parts_;
  CanonicalOrder& order_;
  std::vector<KeyedRow> keyed_;
  std::vector<KeyedRow> spare_;
};

// Puts the combinations of the parts behind one another.
void Join(const std::vector<Combinations>& parts, CanonicalOrder& order) {
  std::size_t count = 0;
  for (const Combinations& part : parts) count += part.begin.size();
  order.covariates.reserve(count);
  order.begin.reserve(count + 1);
  for (const Combinations& part : parts) {
    order.covariates.insert(order.covariates.end(), part.covariates.begin(), part.covariates.end());
    order.begin.insert(order.begin.end(), part.begin.begin(), part.begin.end());
  }
}

}  // namespace

Ranks RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  return RankLevels(table, rows, nullptr);
}

CanonicalOrder SortCanonically(const ObservationTable& table, const std::vector<std::size_t>& rows, ThreadPool& pool) {
  const RankedRows ranked = RankRows(table, rows, pool);
  const Parts parts = ChooseParts(ranked.prompt, ranked.level);
  CanonicalOrder order{std::vector<std::size_t>(rows.size()),
                       {},
                       {},
                       std::vector<double>(rows.size()),
                       {std::vector<std::int32_t>(ranked.cluster.of_row.size()), ranked.cluster.count},
                       {std::vector<std::int32_t>(ranked.cluster_2.of_row.size()), ranked.cluster_2.count}};
  std::vector<PartSorter> sorters(pool.size(), PartSorter(ranked, parts, order));
  std::vector<Combinations> combinations(parts.size());
  const std::size_t turns = std::min(parts.size(), pool.size() * (1 + rows.size() / (kTurnRows * pool.size())));
  const auto sort = [&](std::size_t turn, int thread) {
    sorters[thread].Sort(parts.size() * turn / turns, parts.size() * (turn + 1) / turns, combinations);
  };
  pool.ParallelFor(turns, StopSignal(), sort).IgnoreError();
  Join(combinations, order);
  order.begin.push_back(rows.size());
  return order;
}

}  // namespace ctxfit
