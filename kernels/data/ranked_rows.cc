#include "kernels/data/ranked_rows.h"

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "kernels/data/coded_column.h"
#include "kernels/data/select_rows.h"

namespace ctxfit {
namespace {

Ranks RankLabels(const Labels& column, const std::vector<std::size_t>& rows) {
  const std::vector<std::string>& dictionary = column.dictionary();
  if (dictionary.size() <= rows.size()) return RankCodes(Pick(column.codes(), rows), dictionary);
  // The rows are one of many tasks: recoding them avoids a pass over the labels of all the others.
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

Ranks RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows, std::vector<Level>* values) {
  CodedColumn<Level> levels;
  levels.reserve(rows.size());
  for (const std::size_t row : rows) {
    levels.push_back({table.training_compute_flops[row], table.context_limit_tokens[row]});
  }
  return RankAll(levels.TakeCodes(), levels.dictionary(), values);
}

// Computes RankedRows::differ_by_bit_alone.
bool DifferByBitAlone(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  if (!table.weight.empty() || !table.score_variance.empty() || !table.group.empty()) return false;
  bool bits = true;
  for (const std::size_t row : rows) {
    const double score = table.score[row];
    bits &= (score == 0) | (score == 1);
  }
  return bits;
}

}  // namespace

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

Ranks RankLevels(const ObservationTable& table, const std::vector<std::size_t>& rows) {
  return RankLevels(table, rows, nullptr);
}

}  // namespace ctxfit
