#include "kernels/data/canonical_order.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/types/span.h"
#include "kernels/base/stop_signal.h"
#include "kernels/data/ranked_rows.h"

namespace ctxfit {
namespace {

// Number of rows that are sorted together: two copies of their keys fit in the cache of a core.
constexpr std::size_t kPartRows = 8192;

// Number of rows that a thread gathers in one pass over all of them: fewer take more passes, more take fresh memory,
// which costs more than a pass.
constexpr std::size_t kBatchRows = 196608;

std::uint64_t RankAt(const Ranks& ranks, std::size_t position) {
  return ranks.of_row.empty() ? 0 : static_cast<std::uint64_t>(ranks.of_row[position]);
}

std::uint64_t CountOf(const Ranks& ranks) { return std::max(ranks.count, 1); }

// A row with its ranks packed into two sort keys.
struct KeyedRow {
  std::uint64_t clusters;    // rank of the cluster, of the second cluster, and a bit: 1 if the score exceeds 1/2
  std::uint32_t covariates;  // rank of the prompt length, less the part's lowest, and of the level
  std::uint32_t position;    // index into RankedRows::rows

  bool operator==(const KeyedRow& other) const { return covariates == other.covariates && clusters == other.clusters; }
};

// A partition of the rows into parts of about kPartRows, each of which holds all rows of a range of prompt lengths.
struct Parts {
  std::vector<std::int32_t> first_rank;  // lowest rank of a prompt length in each part, and the number of ranks
  std::vector<std::size_t> begin;        // first row of each part in canonical order, and the number of rows

  std::size_t size() const { return begin.size() - 1; }
};

// Partitions the rows. A part has so few prompt lengths that each pair of one and a level has a key of its own in
// KeyedRow::covariates.
Parts ChooseParts(const Ranks& prompt, const Ranks& level) {
  constexpr std::uint64_t kMaxCovariates = std::uint64_t{1} << 31;

  std::vector<std::size_t> row_count(prompt.count, 0);
  for (const std::int32_t rank : prompt.of_row) ++row_count[rank];
  Parts parts{{0}, {0}};
  std::size_t end = 0;
  for (std::int32_t rank = 0; rank < prompt.count; ++rank) {
    const auto prompts = static_cast<std::uint64_t>(rank - parts.first_rank.back());
    if (end - parts.begin.back() >= kPartRows || (prompts + 1) * CountOf(level) > kMaxCovariates) {
      parts.first_rank.push_back(rank);
      parts.begin.push_back(end);
    }
    end += row_count[rank];
  }
  parts.first_rank.push_back(prompt.count);
  parts.begin.push_back(end);
  return parts;
}

// Fills `keyed` with the rows of the parts [first, last), part after part.
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
  for (std::size_t position = 0; position < ranked.rows.size(); ++position) {
    const std::int32_t rank = ranked.prompt.of_row[position];
    if (rank < begin || rank >= end) continue;
    const std::uint32_t part = part_of[rank - begin];
    const auto prompt = static_cast<std::uint64_t>(rank - parts.first_rank[first + part]);
    const std::uint64_t clusters = RankAt(ranked.cluster, position) * seconds + RankAt(ranked.cluster_2, position);
    const bool high = ranked.table.score[ranked.rows[position]] > 0.5;
    keyed[next[part]++] = {2 * clusters + (high ? 1 : 0),
                           static_cast<std::uint32_t>(prompt * levels + RankAt(ranked.level, position)),
                           static_cast<std::uint32_t>(position)};
  }
}

// Sorts rows by one of their keys, all below `count`, by a stable radix sort from the lowest digit up. `spare` has at
// least as many elements as `rows`.
template <class Key>
void SortBy(Key KeyedRow::*key, std::uint64_t count, absl::Span<KeyedRow> rows, std::vector<KeyedRow>& spare) {
  constexpr int kMaxDigitBits = 11;
  const int bits = std::bit_width(count - 1);
  if (bits == 0) return;
  const int digit_count = (bits + kMaxDigitBits - 1) / kMaxDigitBits;
  const int digit_bits = (bits + digit_count - 1) / digit_count;
  const Key mask = (Key{1} << digit_bits) - 1;
  std::vector<std::uint32_t> next(mask + 2);
  absl::Span<KeyedRow> from = rows;
  absl::Span<KeyedRow> to = absl::MakeSpan(spare).first(rows.size());
  for (int shift = 0; shift < bits; shift += digit_bits, std::swap(from, to)) {
    const auto digit = [&](const KeyedRow& row) { return row.*key >> shift & mask; };
    std::fill(next.begin(), next.end(), 0);
    for (const KeyedRow& row : from) ++next[digit(row) + 1];
    std::partial_sum(next.begin(), next.end(), next.begin());
    for (const KeyedRow& row : from) to[next[digit(row)]++] = row;
  }
  if (from.data() != rows.data()) std::copy(from.begin(), from.end(), rows.begin());
}

// True if the row at position `a` comes before that at `b`, whose keys are equal: compares the columns that have no
// rank.
bool IsBefore(const RankedRows& ranked, std::uint32_t a, std::uint32_t b) {
  const ObservationTable& table = ranked.table;
  const auto others = [&](std::uint32_t position) {
    const std::size_t row = ranked.rows[position];
    return std::make_tuple(table.score[row], table.weight.empty() ? 1.0 : table.weight[row],
                           table.score_variance.empty() ? 0.0 : table.score_variance[row],
                           table.group.empty() ? 0 : table.group[row], position);
  };
  return others(a) < others(b);
}

// Sorts rows of equal keys by their other columns, unless the keys hold these, too.
void SortTies(const RankedRows& ranked, absl::Span<KeyedRow> rows) {
  if (ranked.differ_by_bit_alone) return;
  for (auto begin = rows.begin(); begin != rows.end();) {
    auto end = begin + 1;
    while (end != rows.end() && *end == *begin) ++end;
    std::sort(begin, end,
              [&](const KeyedRow& a, const KeyedRow& b) { return IsBefore(ranked, a.position, b.position); });
    begin = end;
  }
}

// The combinations of covariates that occur in a part.
struct Combinations {
  std::vector<Covariates> covariates;
  std::vector<std::size_t> begin;  // index of the first row of each among all rows
};

// Unpacks KeyedRow::covariates in a part whose prompt lengths begin with the rank `first_prompt`.
Covariates UnpackCovariates(const RankedRows& ranked, std::int32_t first_prompt, std::uint32_t key) {
  const auto levels = static_cast<std::uint32_t>(ranked.level_values.size());
  const auto& [compute, limit] = ranked.level_values[key % levels];
  return {compute, ranked.prompt_values[first_prompt + key / levels], limit};
}

// Writes the sorted rows of a part, which follow `first` rows of other parts, into `order`.
Combinations WritePart(const RankedRows& ranked, absl::Span<const KeyedRow> rows, std::int32_t first_prompt,
                       std::size_t first, CanonicalOrder& order) {
  Combinations combinations;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t row = ranked.rows[rows[i].position];
    order.rows[first + i] = row;
    order.score[first + i] = ranked.table.score[row];
    if (i > 0 && rows[i].covariates == rows[i - 1].covariates) continue;
    combinations.covariates.push_back(UnpackCovariates(ranked, first_prompt, rows[i].covariates));
    combinations.begin.push_back(first + i);
  }
  const auto write = [&](const Ranks& ranks, Ranks& in_order) {
    for (std::size_t i = 0; i < rows.size() && !ranks.of_row.empty(); ++i) {
      in_order.of_row[first + i] = ranks.of_row[rows[i].position];
    }
  };
  write(ranked.cluster, order.cluster);
  write(ranked.cluster_2, order.cluster_2);
  return combinations;
}

// Sorts parts and writes them into an order. Keeps its buffers from one batch of parts to the next.
class PartSorter {
 public:
  PartSorter(const RankedRows& ranked, const Parts& parts, CanonicalOrder& order)
      : ranked_(ranked), parts_(parts), order_(order) {}

  // Sorts and writes the parts [first, last), and sets the combinations of each.
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

// Concatenates the combinations of the parts.
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
  const std::size_t batches = std::min(parts.size(), pool.size() * (1 + rows.size() / (kBatchRows * pool.size())));
  const auto sort = [&](std::size_t batch, int thread) {
    sorters[thread].Sort(parts.size() * batch / batches, parts.size() * (batch + 1) / batches, combinations);
  };
  pool.ParallelFor(batches, StopSignal(), sort).IgnoreError();
  Join(combinations, order);
  order.begin.push_back(rows.size());
  return order;
}

}  // namespace ctxfit
